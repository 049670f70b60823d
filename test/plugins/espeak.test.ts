import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import type { TtsEvent, TtsRequest } from '../../core/contracts/index.ts';
import { proveTts } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/espeak/config.ts';
import { MAX_BYTES } from '../../plugins/espeak/program.ts';
import { espeakTts } from '../../plugins/espeak/tts.ts';
import { contextFor, failureOf, live } from '../helpers/provider.ts';
import { heldToLabel } from '../helpers/quality.ts';

const request: TtsRequest = {
  text: 'Bom dia. Tenho dor de cabeça.',
  voice: '',
  language: 'pt-BR',
  encoding: 'pcm_s16le',
  sampleRateHz: 22_050,
};

const skip = await promisify(execFile)('espeak-ng', ['--version']).then(
  () => false as const,
  () => 'espeak-ng is not installed here: apt-get install espeak-ng',
);

const made = (test: Test, settings = {}) => espeakTts.create({}, settings, contextFor(test, vendor, {}));

async function heard(test: Test, given: Partial<TtsRequest> = {}, settings = {}, signal = live()): Promise<TtsEvent[]> {
  const tts = await made(test, settings);
  const events: TtsEvent[] = [];
  for await (const event of tts.synthesize({ ...request, ...given }, signal)) events.push(event);
  return events;
}

function samplesOf(events: TtsEvent[]): Int16Array {
  const bytes = Buffer.concat(events.flatMap((event) => (event.type === 'audio' ? [event.bytes] : [])));
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
}

/** A program in the place of espeak-ng. */
async function script(test: Test, body: string): Promise<string> {
  const path = join(test.testdir(), 'programa');
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

t.test('speaks: sound in whole samples, no WAV head in it, characters counted', { skip }, async (test) => {
  const events = await heard(test);
  const samples = samplesOf(events);
  const seconds = samples.length / request.sampleRateHz;
  test.ok(seconds > 1 && seconds < 6, `${seconds} s`);
  test.ok(Math.max(...samples.subarray(0, 200_000)) > 3000, 'and it is not silence');
  for (const event of events) if (event.type === 'audio') test.equal(event.bytes.length % 2, 0);
  const usage = [{ unit: 'character', quantity: request.text.length, of: 'text_in', model: 'espeak-ng' }];
  test.same(events.at(-1), { type: 'usage', usage });
  const slow = samplesOf(await heard(test, {}, { wordsPerMinute: 80 }));
  test.ok(slow.length > samples.length * 1.3, 'the speed is heeded');
  test.ok(samplesOf(await heard(test, { voice: 'pt-br+f3' })).length > 10_000);
});

t.test('text is text: no shell, no option, no SSML', { skip }, async (test) => {
  const marker = join(test.testdir(), 'feito');
  const hostile = `-w ${marker} $(touch ${marker}) ; touch ${marker} | cat <break time="9s"/> oi`;
  test.ok(samplesOf(await heard(test, { text: hostile })).length > 10_000);
  await test.rejects(readFile(marker), { code: 'ENOENT' });
});

t.test('what it cannot do is refused before a program runs', async (test) => {
  const path = '/nao/existe';
  const refused = (given: Partial<TtsRequest>) => failureOf(test, heard(test, given, { path }));
  test.match(await refused({ encoding: 'mp3' }), { code: 'unsupported', blame: 'core' });
  test.match(await refused({ sampleRateHz: 8000 }), { code: 'unsupported', blame: 'core' });
  for (const voice of ['-w', '--path=/tmp', '../../x', 'a b', 'a;b']) {
    test.match(await refused({ voice }), { code: 'unsupported', blame: 'config' }, voice);
  }
  test.match(await refused({ text: 'a'.repeat(4001) }), { code: 'invalid_request', blame: 'caller' });
  test.match(await refused({ text: ' \n' }), { code: 'empty' });
});

t.test('not installed: said, with the remedy, by probe() too', async (test) => {
  const expected = {
    code: 'unsupported',
    blame: 'config',
    message: /apt install espeak-ng.*ESPEAK_PATH/,
    vendorCode: 'ENOENT',
  };
  const settings = { path: join(test.testdir(), 'ausente') };
  test.match(await failureOf(test, heard(test, {}, settings)), expected);
  const probe = (async () => espeakTts.probe?.({}, settings, contextFor(test, vendor, {})))();
  test.match(await failureOf(test, probe), expected);
});

t.test('probe() is content where it is installed', { skip }, async (test) => {
  await test.resolves(espeakTts.probe?.({}, {}, contextFor(test, vendor, {})) ?? Promise.reject());
});

t.test('a voice it does not have', { skip }, async (test) => {
  test.match(await failureOf(test, heard(test, { voice: 'zz-inexistente' })), { code: 'unsupported', blame: 'config' });
});

t.test('abort ends the program at once; so does a reader who leaves', async (test) => {
  const pidFile = join(test.testdir(), 'pid');
  // Endless sound after a right head; its process id is left behind to look for it.
  const head =
    'RIFF\\044\\000\\000\\200WAVEfmt \\020\\000\\000\\000\\001\\000\\001\\000\\042\\126\\000\\000\\104\\254\\000\\000\\002\\000\\020\\000data\\000\\000\\000\\200';
  const path = join(test.testdirName, 'sem-fim');
  await writeFile(path, `#!/bin/sh\necho $$ > ${pidFile}\nprintf '${head}'\nexec cat /dev/zero\n`);
  await chmod(path, 0o755);
  const isGone = async () => {
    const pid = Number(await readFile(pidFile, 'utf8'));
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };
  const abort = new AbortController();
  const aborted = async () => {
    const tts = await made(test, { path });
    for await (const event of tts.synthesize(request, abort.signal)) if (event.type === 'audio') abort.abort();
  };
  test.match(await failureOf(test, aborted()), { code: 'aborted' });
  test.ok(await isGone());
  const tts = await made(test, { path });
  for await (const event of tts.synthesize(request, live())) if (event.type === 'audio') break;
  test.ok(await isGone());
  test.match(await failureOf(test, heard(test, {}, { path })), { code: 'output' }, `more than ${MAX_BYTES} bytes`);
  test.ok(await isGone());
  test.match(await failureOf(test, heard(test, {}, { path }, AbortSignal.abort())), { code: 'aborted' });
});

t.test('a program that is something else', async (test) => {
  const loud = await script(test, 'echo "isto nao e um WAV, e tem mais de quarenta e quatro bytes de texto"');
  test.match(await failureOf(test, heard(test, {}, { path: loud })), { code: 'protocol' });
  const failing = await script(test, 'exit 3');
  test.match(await failureOf(test, heard(test, {}, { path: failing })), { code: 'server', vendorCode: 'exit 3' });
});

t.test('the program gets no key of ours', async (test) => {
  process.env['ACME_API_KEY'] = 'sk-segredo';
  test.teardown(() => delete process.env['ACME_API_KEY']);
  const path = await script(test, `env > ${join(test.testdirName, 'env')}; exit 1`);
  await failureOf(test, heard(test, {}, { path }));
  test.notMatch(await readFile(join(test.testdirName, 'env'), 'utf8'), /sk-segredo/);
});

t.test('the kit proves it', { skip }, async (test) => {
  const report = await proveTts({ vendor, provider: espeakTts });
  await heldToLabel(test, 'espeak', report);
  test.equal(report.tier, 'platinum');
});
