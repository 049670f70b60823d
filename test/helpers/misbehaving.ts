/** The code of a package from outside whose providers are each wrong in one way; written to a file, loaded by its path. */
export const MISBEHAVING = `
import net from 'node:net';

const capabilities = {
  streaming: false, interim: false, words: true, diarization: false, languages: ['pt-BR'], sampleRates: [16000],
  maxSeconds: 3600, region: 'local', endpointing: 'off', finalize: 'none', chunkMs: { min: 20, max: 1000 },
  pushRate: 'fast', idle: 'close', billing: 'audio', maxSessionMs: 0, maxConcurrent: 100,
};

const provider = (id, create) => ({
  kind: 'stt', vendor: 'mau', id, title: id, models: ['m'], settings: { type: 'object', properties: {} }, capabilities, create,
});
const forever = () => new Promise(() => {});
const says = (answer) => () => ({ transcribe: async () => answer });

/** Each starts something, forgets it, and says it cannot. */
const leaves = (start) => () => ({
  async transcribe() {
    start();
    throw new Error('segredo do cliente');
  },
});

const providers = [
  provider('constructor', () => { throw new Error('segredo do cliente'); }),
  provider('throws', () => ({ transcribe() { throw new TypeError('segredo do cliente'); } })),
  provider('number', says({ text: 42, model: 'm' })),
  provider('huge', () => ({ transcribe: async () => ({ text: 'a'.repeat(50 * 1024 * 1024), model: 'm' }) })),
  provider('close', () => ({ transcribe: () => Promise.reject('no'), close: forever })),
  provider('socket', leaves(() => net.connect(1, '127.0.0.1'))),
  provider('timer', leaves(() => setInterval(() => { throw new RangeError('segredo do cliente'); }, 5))),
  provider('promise', leaves(() => { Promise.reject(new EvalError('segredo do cliente')); })),
];

export default async function misbehaving(app) {
  app.balto.register({ id: 'mau', title: 'Mau', specVersion: 1, region: 'local' }, providers);
  app.addHook('onClose', forever);
}
misbehaving[Symbol.for('skip-override')] = true;
`;
