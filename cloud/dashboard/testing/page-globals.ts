// Browser globals that Node lacks. Import it before a module of the page's state.
Object.assign(globalThis, {
  window: globalThis,
  location: { pathname: '/', search: '' },
  matchMedia: () => ({ matches: false, addEventListener: () => undefined }),
});
Object.defineProperty(globalThis, 'localStorage', {
  value: { getItem: () => null, setItem: () => undefined },
  configurable: true,
});
