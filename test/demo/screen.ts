import type { Money } from '../../core/cli/money.ts';
import type { Waterfall } from '../../core/counter/observer.ts';
import { accountText } from './account.ts';
import type { CardScene, ClosingScene, HeardScene, Scene } from './scenes.ts';
import type { Style, Terminal } from './terminal.ts';

const VENDORS: Record<string, string> = { deepgram: 'Deepgram', elevenlabs: 'ElevenLabs Scribe' };
/** Milliseconds of one cell of a bar. */
const CELL_MS = 50;
/** Of one stage: a bar stays on its line. */
const MOST_CELLS = 60;
const INDENT = ' '.repeat(9);
const TEXT_WIDTH = 96;
/** Without a terminal the partial text is shown once per utterance, when it says something. */
const TELLING_WORDS = 3;

/** The stages between the end of speech and the counter, in order; glyphs so that they differ without colours too. */
const STAGES: readonly { key: keyof Waterfall; name: string; glyph: string; style: Style }[] = [
  { key: 'hangOver', name: 'pausa', glyph: '░', style: 'grey' },
  { key: 'stt', name: 'STT', glyph: '▓', style: 'cyan' },
  { key: 'context', name: 'contexto', glyph: '·', style: 'blue' },
  { key: 'llm', name: 'LLM', glyph: '█', style: 'magenta' },
  { key: 'gate', name: 'portão', glyph: '|', style: 'yellow' },
  { key: 'sent', name: 'envio', glyph: '>', style: 'green' },
];

/** Draws the scenes for people. */
export class Screen {
  readonly #terminal: Terminal;
  readonly #money: Money;
  #partialOf = 0;

  constructor(terminal: Terminal, money: Money) {
    this.#terminal = terminal;
    this.#money = money;
  }

  show(scene: Scene): void {
    if (scene.event === 'inicio') this.#opening(scene.speed);
    else if (scene.event === 'pronto') this.#ready(scene);
    else if (scene.event === 'parcial') this.#partial(scene.segment, scene.text);
    else if (scene.event === 'fala') this.#heard(scene);
    else if (scene.event === 'cartao') this.#card(scene);
    else if (scene.event === 'queda') this.#kill(scene.text);
    else if (scene.event === 'perda') this.#say('red', `PERDA: ${whole(scene.lostMs)} ms de fala sem resposta`);
    else if (scene.event === 'degradado') this.#say('yellow', `${scene.what} falhou; em uso: ${scene.by}`);
    else this.#closing(scene);
  }

  #opening(speed: number): void {
    const { paint } = this.#painter();
    const pace = speed === 1 ? 'em tempo real' : `a ${speed} vezes o tempo real`;
    for (const line of [
      '',
      paint('bold', 'Balto · demonstração: uma conversa de balcão, do microfone ao cartão'),
      '',
      paint('yellow', 'Os fornecedores desta tela são EMULADOS nesta máquina. Sem chaves, sem internet, sem custo;'),
      paint(
        'yellow',
        'os tempos e os preços imitam os deles. O Balto, o banco, o WebSocket e o áudio são os de verdade.',
      ),
      '  De verdade: ponha no .env  DEEPGRAM_API_KEY ou ELEVENLABS_API_KEY,  e  XAI_API_KEY ou OPENAI_API_KEY;',
      '  depois: npm start, ou npm run balto -- simulate ARQUIVO.',
      '',
      'ouvem      Deepgram (ao vivo); na falta dele, ElevenLabs Scribe (em lote). Os ouvidos emulados só devolvem',
      '           uma palavra se receberam ao menos 80 % do som dela: o que se perder no caminho falta no fim.',
      'sugere     xAI Grok. O modelo emulado erra uma vez, de propósito: sugere um item de receita.',
      `toca       conversa.webm, ${pace}, em pedaços de 250 ms, como o gravador de um navegador`,
      `barras     do fim da fala ao balcão; cada sinal vale ${CELL_MS} ms`,
    ])
      this.#terminal.line(line);
    this.#terminal.live('iniciando…');
  }

  #ready({ url, vad, database, durationS }: Extract<Scene, { event: 'pronto' }>): void {
    this.#terminal.live('');
    this.#terminal.line(`servidor   ${url}, detector de fala ${vad}, banco embutido ${database}`);
    this.#terminal.line(`duração    ${whole(durationS)} s de conversa; na metade, o Deepgram é derrubado`);
    this.#terminal.line();
  }

  #partial(segment: number, text: string): void {
    if (text === '') return;
    this.#terminal.live(`${INDENT}… ${text}`);
    const isTold = this.#terminal.isLive || segment === this.#partialOf;
    if (isTold || text.split(' ').length < TELLING_WORDS) return;
    this.#partialOf = segment;
    this.#terminal.line(`${INDENT}… ${text}`);
  }

  #heard(scene: HeardScene): void {
    const { paint } = this.#painter();
    this.#terminal.live('');
    const said = scene.text || `(nada${scene.rules.length > 0 ? `: ${scene.rules.join(', ')}` : ''})`;
    const [first = '', ...rest] = wrapped(`${scene.segment}. ${said}`, TEXT_WIDTH);
    this.#terminal.line(`${paint('grey', clock(scene.startS))}  ${paint('bold', first)}`);
    for (const line of rest) this.#terminal.line(`${INDENT}   ${paint('bold', line)}`);
    if (scene.vendor !== null && scene.replayedMs > 0 && scene.failed.length > 0) this.#takeover(scene);
    const facts = [
      `${nameOf(scene.vendor)}, ${scene.isLive ? 'ao vivo' : 'em lote'}`,
      `${scene.words} palavras`,
      `decodificação ${whole(scene.decodeMs)} ms`,
      `VAD ${whole(scene.vadMs)} ms`,
      `STT ${whole(scene.sttMs)} ms`,
      this.#money.text(scene.costMicroUsd),
      ...(scene.vendor !== null && scene.replayedMs === 0 && scene.failed.length > 0 ? [tried(scene.failed)] : []),
    ];
    this.#terminal.line(`${INDENT}${paint('grey', facts.join(' · '))}`);
  }

  #takeover({ vendor, failed, replayedMs, lostMs }: HeardScene): void {
    const { paint } = this.#painter();
    const from = nameOf(vendorOf(failed));
    const told = `✔ ${nameOf(vendor)} assumiu: a fala que ${from} largou no meio foi repetida do início`;
    this.#terminal.line(
      `${INDENT}${paint('green', `${told} (${seconds(replayedMs)} de novo, ${whole(lostMs)} ms perdidos)`)}`,
    );
  }

  #card(scene: CardScene): void {
    const { paint } = this.#painter();
    const { items, warning } = scene;
    const from = scene.source === 'llm' ? 'modelo' : 'catálogo';
    const undelivered = scene.delivery === 'enviado' ? '' : `, não enviado: ${scene.delivery.replaceAll('_', ' ')}`;
    const title =
      items.length === 0 ? paint('grey', 'nada a sugerir') : paint('green', `CARTÃO (${from}${undelivered})`);
    this.#terminal.line(`${INDENT}┌ ${title} ${paint('grey', spokenIn(scene.segments))}`);
    for (const { name, why } of items) {
      const isWarned = warning !== null && why.endsWith(warning);
      const plain = isWarned
        ? `${why.slice(0, -warning.length).trim()} ${paint('yellow', '[+ aviso de medicamento]')}`
        : why;
      this.#terminal.line(`${INDENT}│ ► ${paint('bold', name)}: ${plain}`);
    }
    for (const { name, reason } of scene.kept) {
      const told =
        name === null
          ? paint('grey', `· o modelo nem foi chamado: ${reason}`)
          : paint('red', `✖ o portão barrou ${name}: ${reason}`);
      this.#terminal.line(`${INDENT}│ ${told}`);
    }
    this.#waterfall(scene);
  }

  /** The figures, then one bar to scale, in which every stage starts where the one before ended. */
  #waterfall({ waterfall, totalMs, costMicroUsd }: CardScene): void {
    const { paint } = this.#painter();
    let untilMs = 0;
    const bars = STAGES.map(({ key, glyph, style }) => {
      const from = Math.round(untilMs / CELL_MS);
      untilMs += waterfall[key];
      return paint(style, glyph.repeat(Math.min(MOST_CELLS, Math.max(0, Math.round(untilMs / CELL_MS) - from))));
    });
    const figures = STAGES.map(({ key, name, glyph, style }) =>
      paint(style, `${glyph} ${name} ${whole(waterfall[key])}`),
    );
    this.#terminal.line(`${INDENT}│ ${figures.join('  ')}  ms`);
    this.#terminal.line(
      `${INDENT}└ ${bars.join('')} ${paint('bold', seconds(totalMs))} · ${this.#money.text(costMicroUsd)}`,
    );
  }

  #kill(text: string): void {
    const { paint } = this.#painter();
    this.#terminal.live('');
    this.#terminal.line(`${INDENT}${paint('grey', `… ${text}`)}`);
    this.#terminal.line(
      `${INDENT}${paint('red', '✖ DEEPGRAM DERRUBADO no meio desta fala: porta fechada, conexão cortada')}`,
    );
  }

  #closing(scene: ClosingScene): void {
    const { paint } = this.#painter();
    const { stored, latencyMs } = scene;
    const vendors = Object.entries(stored.byVendor).map(([vendor, count]) => `${nameOf(vendor)} ${count}`);
    const words = accountText(scene.words);
    this.#terminal.live('');
    this.#terminal.line();
    this.#terminal.line(paint('bold', 'No fim'));
    this.#terminal.line(`palavras   ${paint(scene.ok ? 'green' : 'red', words)} (o roteiro contra o que foi ouvido)`);
    for (const [what, list] of Object.entries({ perdidas: scene.words.lost, repetidas: scene.words.repeated })) {
      if (list.length > 0) this.#terminal.line(`           ${what}: ${list.join(' ')}`);
    }
    this.#terminal.line(`falas      ${scene.utterances}, ${whole(scene.lostMs)} ms de áudio perdidos`);
    const delay = `p50 ${seconds(latencyMs.p50)}, p95 ${seconds(latencyMs.p95)} do fim da fala ao balcão`;
    this.#terminal.line(`cartões    ${scene.cards}, ${scene.received} recebidos pelo balcão; ${delay}`);
    this.#terminal.line(`custo      ${this.#money.text(scene.costMicroUsd)} se os fornecedores fossem os de verdade`);
    this.#terminal.line(
      `banco      ${stored.rows} linhas lidas por GET /api/data/interacoes (${vendors.join(', ')}), ${stored.words} palavras, ${stored.withCard} com cartão`,
    );
    for (const { id, recommendation, text } of stored.newest) {
      const outcome = recommendation === null ? 'NULL' : recommendation;
      this.#terminal.line(paint('grey', `           #${id} ${short(text, 44)} → ${short(outcome, 46)}`));
    }
    const verdict = scene.ok
      ? 'O fornecedor caiu, ninguém notou, nenhuma palavra se perdeu.'
      : 'A demonstração FALHOU: veja acima.';
    this.#terminal.line();
    this.#terminal.line(paint(scene.ok ? 'green' : 'red', verdict));
  }

  #say(style: Style, text: string): void {
    this.#terminal.line(`${INDENT}${this.#terminal.paint(style, text)}`);
  }

  #painter() {
    return { paint: (style: Style, text: string) => this.#terminal.paint(style, text) };
  }
}

/** `(falas 1 e 2)` */
function spokenIn(segments: readonly number[]): string {
  return segments.length === 1
    ? `(fala ${segments[0]})`
    : `(falas ${segments.slice(0, -1).join(', ')} e ${segments.at(-1)})`;
}

function vendorOf(failed: HeardScene['failed']): string | null {
  return failed[0]?.address.split(/[/:]/)[1] ?? null;
}

function tried(failed: HeardScene['failed']): string {
  return `${nameOf(vendorOf(failed))} tentado antes, ainda fora do ar`;
}

function nameOf(vendor: string | null): string {
  return vendor === null ? 'ninguém' : (VENDORS[vendor] ?? vendor);
}

function whole(ms: number): string {
  return String(Math.round(ms));
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(2).replace('.', ',')} s` : '–';
}

/** `00:09,8`: place in the recording. */
function clock(totalSeconds: number): string {
  const tenths = Math.round(totalSeconds * 10);
  const minutes = Math.floor(tenths / 600);
  const rest = ((tenths - minutes * 600) / 10).toFixed(1).padStart(4, '0').replace('.', ',');
  return `${String(minutes).padStart(2, '0')}:${rest}`;
}

/** Lines of at most `width` characters, broken between words. */
function wrapped(text: string, width: number): string[] {
  return text.match(new RegExp(`.{1,${width}}(?:\\s|$)`, 'gu'))?.map((line) => line.trimEnd()) ?? [text];
}

function short(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
