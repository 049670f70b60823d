import fc from 'fast-check';
import t from 'tap';
import { Carry } from '../../../../core/audio/decode/carry.ts';

/** Reads records of a length byte and as many more, each only once the byte behind it is there. */
function records(found: string[]) {
  return (data: Uint8Array, length: number) => {
    let at = 0;
    for (;;) {
      const end = at + 1 + (data[at] ?? 0);
      if (at >= length) return { used: at, needed: 1 };
      if (end >= length) return { used: at, needed: end - at + 1 };
      found.push(Buffer.from(data.subarray(at + 1, end)).toString('hex'));
      at = end;
    }
  };
}

t.test('records come whole and in order, however the bytes are cut', (t) => {
  const record = fc.uint8Array({ maxLength: 40 });
  const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(record), cuts, (bodies, sizes) => {
      const bytes = Buffer.concat([...bodies.flatMap((body) => [Buffer.from([body.length]), body]), Buffer.from([0])]);
      const found: string[] = [];
      const carry = new Carry(records(found), 64);
      for (let at = 0, index = 0; at < bytes.length; index += 1) {
        const size = sizes[index % sizes.length] ?? 1;
        carry.push(bytes.subarray(at, at + size));
        at += size;
      }
      return found.join() === bodies.map((body) => Buffer.from(body).toString('hex')).join() && carry.length === 1;
    }),
  );
  t.end();
});

t.test('closed, it keeps nothing', (t) => {
  const carry = new Carry((_data, length) => ({ used: 0, needed: length + 1 }), 16);
  carry.push(new Uint8Array(3));
  t.equal(carry.length, 3);
  carry.close();
  carry.push(new Uint8Array(3));
  t.equal(carry.length, 0);
  t.end();
});
