import type Anthropic from '@anthropic-ai/sdk';
import type { WireBlock } from './anthropic-request.ts';
import type { Fault } from './faults.ts';

export type StreamEvent = { type: string };

/** The events with what the fault puts among them, after a ping as the real stream has one. */
export function broken(events: Anthropic.RawMessageStreamEvent[], fault: Fault | null): (StreamEvent | string)[] {
  const [start = { type: 'message_stop' as const }, ...rest] = events;
  const ping = { type: 'ping' };
  switch (fault?.kind) {
    case 'error_frame':
      return [start, ping, ...rest.slice(0, 3), { type: 'error', error: OVERLOADED } as StreamEvent];
    case 'malformed_frame':
      return [start, ping, ...rest.slice(0, 2), 'event: content_block_delta\ndata: {"type":\n\n', ...rest.slice(2)];
    case 'unknown_messages':
      return [start, ping, { type: 'novelty' }, ...rest];
    default:
      return [start, ping, ...rest];
  }
}

const OVERLOADED: Anthropic.OverloadedError = { type: 'overloaded_error', message: 'Overloaded' };

/** A block as it is answered. */
export function blockOf(block: WireBlock): Anthropic.ContentBlock {
  switch (block.type) {
    case 'tool_use':
      return { ...block, caller: { type: 'direct' } };
    case 'thinking':
      return block;
    default:
      return { type: 'text', text: block.type === 'text' ? block.text : '', citations: null };
  }
}

export function eventsOf(index: number, block: Anthropic.ContentBlock): Anthropic.RawMessageStreamEvent[] {
  type Start = Anthropic.RawContentBlockStartEvent['content_block'];
  const around = (
    content_block: Start,
    deltas: Anthropic.RawContentBlockDelta[],
  ): Anthropic.RawMessageStreamEvent[] => [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta' as const, index, delta })),
    { type: 'content_block_stop', index },
  ];
  switch (block.type) {
    case 'text': {
      const pieces = block.text.match(/.{1,12}/gsu) ?? [];
      return around(
        { ...block, text: '' },
        pieces.map((text) => ({ type: 'text_delta', text })),
      );
    }
    case 'thinking':
      return around({ ...block, signature: '' }, [{ type: 'signature_delta', signature: block.signature }]);
    case 'tool_use': {
      const json = JSON.stringify(block.input);
      const halves = ['', json.slice(0, 5), json.slice(5)];
      return around(
        { ...block, input: {} },
        halves.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      );
    }
    default:
      return [];
  }
}
