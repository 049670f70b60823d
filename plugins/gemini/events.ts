import { asRecord, ProviderError, readBytes, transportError } from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';
import { inBandError } from './errors.ts';

/** Characters of one event; a whole answer of a counter's model has some thousand. */
const MAX_EVENT_CHARS = 1 << 20;

/**
 * The events of `alt=sse` as untrusted JSON. An error inside the stream, as an event or as bare JSON, is thrown; so is
 * what is no JSON (`protocol`) and a connection that breaks (`connection`).
 */
export async function* readEvents(response: Response, signal: AbortSignal): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  let data = '';
  for await (const bytes of readBytes(TITLE, response, signal)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() !== '') data += payloadOf(line);
      else if (data !== '') {
        yield parse(data, signal);
        data = '';
      }
      if (data.length > MAX_EVENT_CHARS) throw tooLong();
    }
    if (rest.length > MAX_EVENT_CHARS) throw tooLong();
  }
  // An error that is no event has no blank line after it.
  const last = data + payloadOf(rest);
  if (last.trim() !== '') yield parse(last, signal);
}

/** What a line carries: its data, or itself where it belongs to bare JSON; comments and other fields carry nothing. */
function payloadOf(line: string): string {
  if (line.startsWith('data:')) return line.slice(5);
  return /^(event|id|retry)?:/.test(line) ? '' : line;
}

function parse(text: string, signal: AbortSignal): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw transportError(TITLE, error, signal);
  }
  if (asRecord(value)['error'] !== undefined) throw inBandError(value);
  return value;
}

function tooLong(): ProviderError {
  return new ProviderError({ code: 'protocol', message: `evento de ${TITLE} longo demais` });
}
