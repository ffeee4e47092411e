/** A line has two channels, so that acts never wait for the feed of the current state. */
export const CHANNELS = ['calls', 'changes'] as const;
export type Channel = (typeof CHANNELS)[number];

/** An owner's answer to a node that asks for a line. */
export interface Welcome<About = unknown> {
  /** Id of the feed; positions of another feed are meaningless in it. */
  readonly feed: string;
  /** The configuration of a node. */
  readonly about: About;
}

/** Messages of a node. `heard`: the owner's time, ms, in the last message that this node has read. */
export type FromNode =
  | { readonly kind: 'hello'; readonly version: string }
  | { readonly kind: 'call'; readonly channel: Channel; readonly heard: number; readonly message: object }
  | { readonly kind: 'ping' };

/** Messages of an owner. `lost`: letters of the node never arrived, and it is unknown which calls were in them. */
export type OwnerSays =
  | { readonly kind: 'welcome'; readonly line: string; readonly welcome: Welcome }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'reply'; readonly channel: Channel; readonly message: object }
  | { readonly kind: 'lost' };

/** `at`: the owner's time of sending, ms. */
export type FromOwner = OwnerSays & { readonly at: number };
