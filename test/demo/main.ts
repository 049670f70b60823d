import { moneyFor } from '../../core/cli/money.ts';
import { accountOf, isComplete, percentile } from './account.ts';
import { type CardScene, cardScene, type HeardScene, heardScene, type Scene, storedOf } from './scenes.ts';
import { Screen } from './screen.ts';
import { openStage, type Stage } from './stage.ts';
import { type Output, Terminal } from './terminal.ts';

/** The streaming vendor is killed in the first utterance of the second half, once so much of it was heard. */
const WORDS_BEFORE_KILL = 3;
/** What shells expect after Ctrl-C. */
const INTERRUPTED = 130;

interface DemoOptions {
  /** Times real time; above 6 the server's own limit on decoding holds the counter back. */
  speed: number;
  /** One scene a line, for programs. */
  json: boolean;
}

interface DemoIo {
  out: Output;
  env: Record<string, string | undefined>;
  /** Ctrl-C: everything that was started is stopped, and nothing stays behind. */
  signal: AbortSignal;
}

/**
 * Plays the bundled conversation through a whole Balto on loopback, and shows it. No key, no network.
 * @returns the exit code: 0 when every word of the script was heard exactly once although the streaming vendor was killed.
 */
export async function runDemo(options: DemoOptions, io: DemoIo): Promise<number> {
  const screen = new Screen(new Terminal(io.out, io.env), moneyFor(io.env, 6));
  const show = (scene: Scene) => {
    if (options.json) io.out.write(`${JSON.stringify(scene)}\n`);
    else screen.show(scene);
  };
  const { speed } = options;
  show({ event: 'inicio', speed });
  const stage = await openStage();
  try {
    if (io.signal.aborted) return INTERRUPTED;
    return await perform(stage, speed, show, io.signal);
  } finally {
    await stage.close();
  }
}

async function perform(
  stage: Stage,
  speed: number,
  show: (scene: Scene) => void,
  signal: AbortSignal,
): Promise<number> {
  const seen = watch(stage, show);
  const { url, vad, database, durationS } = stage;
  show({ event: 'pronto', url, vad, database, durationS });
  await stage.play(speed, signal);
  if (signal.aborted) return INTERRUPTED;
  const closing = closingOf(stage, seen, storedOf(await stage.rows()));
  show(closing);
  return closing.ok ? 0 : 1;
}

interface Seen {
  heard: HeardScene[];
  cards: CardScene[];
  /** Sum over utterances and cards, each vendor's request once. */
  costMicroUsd: number;
  lostMs: number;
  killedText: string | null;
}

/** Shows what happens at the counter as it happens, and pulls the plug half way. */
function watch(stage: Stage, show: (scene: Scene) => void): Seen {
  const { observer } = stage;
  const seen: Seen = { heard: [], cards: [], costMicroUsd: 0, lostMs: 0, killedText: null };
  const sttCost = new Map<number, number>();
  let shown = '';
  observer.on('partial', ({ segment, text }) => {
    if (text === shown) return;
    shown = text;
    const isTime = stage.positionS() > stage.durationS / 2 && text.split(' ').length >= WORDS_BEFORE_KILL;
    if (seen.killedText !== null || !isTime) {
      show({ event: 'parcial', segment, text });
      return;
    }
    seen.killedText = text;
    void stage.killStreamingVendor();
    show({ event: 'queda', positionS: stage.positionS(), text });
  });
  observer.on('utterance', (utterance) => {
    const scene = heardScene(utterance);
    seen.heard.push(scene);
    seen.costMicroUsd += scene.costMicroUsd;
    sttCost.set(scene.segment, scene.costMicroUsd);
    show(scene);
  });
  observer.on('card', (card) => {
    const scene = cardScene(card);
    seen.cards.push(scene);
    // The card's cost holds its newest utterance's, which is counted already.
    seen.costMicroUsd += scene.costMicroUsd - (sttCost.get(scene.segments.at(-1) ?? 0) ?? 0);
    show(scene);
  });
  observer.on('lost', ({ segment, lostMs }) => {
    seen.lostMs += lostMs;
    show({ event: 'perda', segment, lostMs });
  });
  observer.on('degraded', ({ what, by }) => show({ event: 'degradado', what, by }));
  return seen;
}

function closingOf(stage: Stage, seen: Seen, stored: ReturnType<typeof storedOf>): Extract<Scene, { event: 'fim' }> {
  const spoken = seen.heard.toSorted((a, b) => a.segment - b.segment);
  const words = accountOf(
    stage.script,
    spoken.map(({ text }) => text),
  );
  const sent = seen.cards.filter(({ delivery }) => delivery === 'enviado');
  const latencies = sent.map(({ totalMs }) => totalMs);
  const takeover = seen.heard.some(
    ({ failed, replayedMs, vendor }) => failed.length > 0 && replayedMs > 0 && vendor !== null,
  );
  const isStored = stored.rows === seen.heard.length && stored.words === words.inScript;
  return {
    event: 'fim',
    words,
    utterances: seen.heard.length,
    cards: sent.length,
    received: stage.received.length,
    takeover,
    lostMs: seen.lostMs,
    costMicroUsd: seen.costMicroUsd,
    latencyMs: { p50: percentile(latencies, 50), p95: percentile(latencies, 95) },
    stored,
    ok: isComplete(words) && takeover && seen.lostMs === 0 && isStored && stage.received.length === sent.length,
  };
}
