import type { ComponentType } from 'preact';
import type { Text } from '../words/t.ts';

/**
 * A screen of the page: all that its frame needs to know of it. It stands in a file of its own under `screens`, as `screen`, and the
 * file's name is its name. Address, deep link, menus and title derive from it.
 */
export interface Screen {
  /** Its address: `/devices`, `/feeders/:id`, or `/models/:id?` where it shows one or all. */
  readonly path: `/${string}`;
  /** Of the window. */
  readonly title: Text | ((id: string) => string);
  readonly Component: ComponentType<{ id: string }>;
  /** The entry of the main menu that is lit while it is open, by its text. */
  readonly section?: Text;
  /** Its own entries. */
  readonly entries?: readonly Entry[];
  /** Right that its entries need. What it shows is for the API to decide. */
  readonly right?: string;
  /** Feeders whose live values it shows: they come over the stream. */
  readonly feeders?: (id: string) => readonly string[];
  /** Gateways of which it shows more than their links. */
  readonly gateways?: (id: string) => readonly string[] | 'all';
}

export interface Entry {
  readonly menu: 'main' | 'desk' | 'user';
  readonly text: Text;
  /** Lower ones stand first. */
  readonly at: number;
  /** Drawn behind the text. */
  readonly Mark?: ComponentType;
}

export type Screens = ReadonlyMap<string, Screen>;

export interface Route {
  /** Name of the screen; `none` where the path names none. */
  readonly screen: string;
  readonly id: string;
}

/** Screens by name, from the modules that hold them, by their path. */
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

/** The entries of a menu, in order. */
export const entriesOf = (screens: Screens, menu: Entry['menu']): readonly Listed[] =>
  [...screens]
    .flatMap(([name, screen]) =>
      (screen.entries ?? []).filter((entry) => entry.menu === menu).map((entry) => ({ ...entry, name, screen })),
    )
    .sort((a, b) => a.at - b.at);

/** First part of a screen's path: `/feeders` of `/feeders/:id`. */
export const baseOf = ({ path }: Pick<Screen, 'path'>): string => `/${path.split('/')[1] ?? ''}`;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
};

/** Which screen a path names, and of what. */
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
