import t from 'tap';
import { toInt16 } from '../../core/audio/ring.ts';
import { startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { airConditioner, beeps, doorSlams, printer } from '../helpers/noises.ts';
import { Seen } from '../helpers/seen.ts';
import { pcmBetween, spokenUntil, textOf } from '../helpers/talk.ts';

const SECONDS = 12;
const NOISES = { beeps, printer, 'door slams': doorSlams, 'air conditioner': airConditioner };

for (const vad of ['vad/silero', 'vad/webrtc']) {
  t.test(`shop noises cost nothing (${vad})`, async (t) => {
    const coverage = new Coverage(await wavReference());
    const deepgram = await startDeepgram({ listening: coverage });
    const elevenlabs = await startElevenLabs({ listening: coverage });
    const house = await startBalto(t, { vendors: { deepgram, elevenlabs }, env: { BALTO_VAD: vad } });
    t.equal(house.balto.summary().vad, vad);
    for (const [name, make] of Object.entries(NOISES)) {
      const seen = new Seen(house.observer);
      const counter = await connectCounter(house.ws, house.apiKey);
      await streamFile(counter.socket, bytesOf(make(SECONDS)), { chunkBytes: 3200 });
      counter.socket.close();
      await seen.until(({ closed }) => closed === 1);
      t.same(seen.formats, ['pcm_s16le'], `${name}: heard`);
      t.equal(seen.utterances.length, 0, `${name}: nobody spoke`);
    }
    t.equal(deepgram.requests.length + elevenlabs.requests.length, 0, 'no vendor was called');
    t.same(await house.rows(), []);

    const seen = new Seen(house.observer);
    const counter = await connectCounter(house.ws, house.apiKey);
    await streamFile(counter.socket, bytesOf(beeps(5)), { chunkBytes: 3200 });
    await streamFile(counter.socket, pcmBetween(0, 5400), { chunkBytes: 3200 });
    counter.socket.close();
    await seen.until(({ closed }) => closed === 1);
    t.equal(seen.text, textOf(spokenUntil(5400)), 'and who speaks after the beeps is heard');
  });
}

function bytesOf(pcm: Float32Array): Uint8Array {
  return new Uint8Array(Int16Array.from(pcm, toInt16).buffer);
}
