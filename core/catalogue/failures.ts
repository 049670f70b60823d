import { BaltoError } from '../contracts/index.ts';

/** A file that cannot be taken as it is: what is wrong, and where. */
export function refuseFile(code: string, message: string, cause?: unknown): BaltoError {
  return new BaltoError({ code, message, statusCode: 422, ...(cause === undefined ? {} : { cause }) });
}
