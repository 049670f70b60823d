import { ProviderError } from '../contracts/index.ts';

/** Bytes of one response body, after decompression, when nothing else is asked for. */
export const DEFAULT_MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * The same response, whose body fails with ProviderError `protocol` after `maxBytes`: a vendor that answers without end
 * costs a bounded amount of memory, whoever reads the body and however.
 * @param onSettled called once, when the body ended, failed or was given up.
 */
export function boundBody(response: Response, maxBytes: number, onSettled: () => void): Response {
  if (!response.body) {
    onSettled();
    return response;
  }
  const reader = response.body.getReader();
  let seen = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          onSettled();
          controller.close();
          return;
        }
        seen += value.byteLength;
        if (seen > maxBytes) throw tooLarge(maxBytes);
        controller.enqueue(value);
      } catch (error) {
        onSettled();
        controller.error(error);
        // The body is lost already; why its cancelling fails as well is of no use to anybody.
        reader.cancel().catch(() => undefined);
      }
    },
    cancel(reason) {
      onSettled();
      return reader.cancel(reason);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

function tooLarge(maxBytes: number): ProviderError {
  return new ProviderError({ code: 'protocol', message: `resposta do provedor maior que ${maxBytes} bytes` });
}
