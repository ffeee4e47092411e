/** A line has two channels, so that no act waits behind what is in force. */
export const CHANNELS = ['calls', 'changes'] as const;
export type Channel = (typeof CHANNELS)[number];

/** What an owner tells a node that asks for a line. */
export interface Welcome<About = unknown> {
  /** Names the feed of what is in force: positions of another one say nothing in it. */
  readonly feed: string;
  /** What a node is made of. */
  readonly about: About;
}

/** What a node writes. `heard`: the owner's own time as it wrote what this node has read last, ms. */
export type FromNode =
  | { readonly kind: 'hello'; readonly version: string }
  | { readonly kind: 'call'; readonly channel: Channel; readonly heard: number; readonly message: object }
  | { readonly kind: 'ping' };

/** What an owner says. `lost`: letters of the node never came, and nobody can say which of its calls were in them. */
export type OwnerSays =
  | { readonly kind: 'welcome'; readonly line: string; readonly welcome: Welcome }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'reply'; readonly channel: Channel; readonly message: object }
  | { readonly kind: 'lost' };

/** `at`: when, by its own time, ms. */
export type FromOwner = OwnerSays & { readonly at: number };
