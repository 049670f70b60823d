import type { SavedDialogue } from './dialogue.ts';
import type { SavedPlace } from './stream-place.ts';

/** A conversation as plain data: all that another process needs to go on with it. It holds people's words. */
export interface SavedConversation {
  sessionId: string;
  place: SavedPlace;
  dialogue: SavedDialogue;
}

/** What a device keeps of what it has sent, in milliseconds: `limites.buffer_s` of protocol 2. */
export const DEVICE_KEEPS_MS = 60_000;

export interface ConversationOptions {
  /** Goes on with what another process began. */
  saved?: SavedConversation | undefined;
  /** What `save` gives has changed: a row is stored, or (`isCard`) a card is on its way or has arrived. */
  onChange?(isCard: boolean): void;
}
