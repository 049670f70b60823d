import { once } from 'node:events';
import t from 'tap';
import { startAssemblyAi } from '../emulators/assemblyai.ts';
import { EMULATOR_KEY, startElevenLabs } from '../emulators/index.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { mixAtSnr, rms, seededRandom, whiteNoise } from '../helpers/noises.ts';
import { pcmBetween } from '../helpers/talk.ts';
import { wordListening } from '../helpers/word-listening.ts';

const RATE = 16_000;
/** Before it half a second of the shop; the sentence runs past 8 s, where it is cut; then silence. */
const [FROM_MS, UNTIL_MS, SILENCE_MS] = [13_970, 23_510, 2000];

function sentence(): Float32Array {
  const pcm = pcmBetween(FROM_MS, UNTIL_MS);
  const samples = new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.byteLength));
  const floats = new Float32Array(samples.length + (SILENCE_MS * RATE) / 1000);
  floats.set(Array.from(samples, (value) => value / 32_768));
  return floats;
}

/** The same with white noise over all of it, the shop before and after included. */
function at(snrDb: number, clean: Float32Array): Uint8Array {
  const spoken = clean.subarray(RATE / 2, clean.length - (SILENCE_MS * RATE) / 1000);
  const noise = whiteNoise(clean.length, seededRandom(7));
  const mixed = mixAtSnr(clean, noise, snrDb, rms(spoken));
  return new Uint8Array(Int16Array.from(mixed, (value) => Math.max(-1, Math.min(1, value)) * 32_767).buffer);
}

t.test('under the seeded rules a long sentence said clean goes to AssemblyAI, at 5 dB to ElevenLabs', async (t) => {
  const elevenlabs = await startElevenLabs({ listening: wordListening });
  const assemblyai = await startAssemblyAi({ listening: wordListening });
  t.teardown(() => assemblyai.close());
  const economical = { ASSEMBLYAI_API_KEY: EMULATOR_KEY, ASSEMBLYAI_BASE_URL: assemblyai.url };
  const env = { ...economical, BALTO_STT: 'stt/elevenlabs,stt/assemblyai', MOCK_RECOMMENDATION: '1' };
  const balto = await startBalto(t, { vendors: { elevenlabs }, env });
  const heardBy = async (pcm: Uint8Array) => {
    const counter = await connectCounter(balto.ws, balto.apiKey);
    const over = once(balto.observer, 'closed');
    await streamFile(counter.socket, pcm);
    counter.socket.close();
    await over;
    const rows = await balto.rows();
    const session = rows.at(-1)?.sessionId;
    const [first] = rows.filter((row) => row.sessionId === session);
    const { rule } = (first?.decision ?? {}) as { rule?: string };
    return { vendor: first?.sttModel, rule, snr: first?.snr ?? Number.NaN, ms: first?.segmentDurationMs ?? 0 };
  };

  const clean = await heardBy(at(60, sentence()));
  t.ok(clean.ms >= 5000 && clean.snr >= 15, `${clean.ms} ms at ${clean.snr.toFixed(1)} dB`);
  t.match(clean, { rule: 'padrao-longa-limpa', vendor: 'assemblyai' });
  const noisy = await heardBy(at(5, sentence()));
  t.ok(noisy.ms >= 5000 && noisy.snr < 15, `${noisy.ms} ms at ${noisy.snr.toFixed(1)} dB`);
  t.match(noisy, { rule: 'padrao', vendor: 'elevenlabs' });
});
