import type { ComponentType } from 'preact';
import type { Text } from '../words/t.ts';

/**
 * Everything that the page's frame needs to know about a screen. Each screen is exported as `screen` from its own file under `screens`; the
 * file's name is its name. Address, deep link, menus and title derive from it.
 */
export interface Screen {
  /** Its address: `/devices`, `/feeders/:id`, or `/models/:id?` if it shows one or all. */
  readonly path: `/${string}`;
  /** Title of the window. */
  readonly title: Text | ((id: string) => string);
  readonly Component: ComponentType<{ id: string }>;
  /** The main menu entry that is highlighted while the screen is open, by its text. */
  readonly section?: Text;
  /** Its menu entries. */
  readonly entries?: readonly Entry[];
  /** Right that its entries require. The API decides what the screen may show. */
  readonly right?: string;
  /** Feeders whose live values the screen needs from the stream. */
  readonly feeders?: (id: string) => readonly string[];
  /** Gateways of which the screen shows more than the link. */
  readonly gateways?: (id: string) => readonly string[] | 'all';
}

export interface Entry {
  readonly menu: 'main' | 'desk' | 'user';
  readonly text: Text;
  /** Position in the menu, ascending. */
  readonly at: number;
  /** Drawn after the text. */
  readonly Mark?: ComponentType;
}

export type Screens = ReadonlyMap<string, Screen>;

export interface Route {
  /** Name of the screen; `none` for an unknown path. */
  readonly screen: string;
  readonly id: string;
}

/** Returns the screens by name, from modules by file path. */
export const screensOf = (modules: Readonly<Record<string, { readonly screen?: Screen }>>): Screens =>
  new Map(
    Object.entries(modules).flatMap(([file, { screen }]) =>
      screen === undefined ? [] : [[file.replace(/^.*\/|\.tsx$/g, ''), screen] as const],
    ),
  );

export interface Listed extends Entry {
  readonly name: string;
  readonly screen: Screen;
}

/** Returns the entries of a menu, in order. */
export const entriesOf = (screens: Screens, menu: Entry['menu']): readonly Listed[] =>
  [...screens]
    .flatMap(([name, screen]) =>
      (screen.entries ?? []).filter((entry) => entry.menu === menu).map((entry) => ({ ...entry, name, screen })),
    )
    .sort((a, b) => a.at - b.at);

/** Returns the first part of a screen's path: `/feeders` of `/feeders/:id`. */
export const baseOf = ({ path }: Pick<Screen, 'path'>): string => `/${path.split('/')[1] ?? ''}`;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
};

/** Returns the screen and the id that a path names. */
export function parseRoute(path: string, screens: ReadonlyMap<string, Pick<Screen, 'path'>>): Route {
  const [first = '', id = '', more] = path
    .replace(/^\/|\/$/g, '')
    .split('/')
    .map(decoded);
  for (const [screen, { path: pattern }] of screens) {
    if (baseOf({ path: pattern }) !== `/${first}`) continue;
    const fits = more === undefined && (pattern.endsWith('?') || (id !== '') === pattern.endsWith('/:id'));
    if (fits) return { screen, id };
  }
  return { screen: 'none', id: path };
}
