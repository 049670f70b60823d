import { Transform } from 'node:stream';

const NOTIFICATION = 0x41;

/** Passes on what a Postgres server says, message for message, without its announcements (NotificationResponse). */
export function deafToNotify(): Transform {
  let held = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      held = Buffer.concat([held, chunk]);
      const passed: Buffer[] = [];
      while (held.length >= 5) {
        const length = 1 + held.readUInt32BE(1);
        if (held.length < length) break;
        if (held[0] !== NOTIFICATION) passed.push(held.subarray(0, length));
        held = held.subarray(length);
      }
      done(null, Buffer.concat(passed));
    },
  });
}
