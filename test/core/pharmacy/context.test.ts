import t from 'tap';
import { ConversationContext, countedWords } from '../../../core/pharmacy/context.ts';

const words = (count: number) => Array.from({ length: count }, (_, index) => `palavra${index}`).join(' ');

/** Speaks utterances one after the other: each lasts a second of audio, `gapMs` after the one before. */
function speaker(context: ConversationContext) {
  let segment = 0;
  let endMs = 0;
  return (text: string, nowMs: number, gapMs = 0) => {
    const startMs = endMs + gapMs;
    endMs = startMs + 1000;
    return context.apply({ segment: ++segment, text, startMs, endMs }, nowMs);
  };
}

t.test('a lone filler counts no word', async (t) => {
  for (const text of ['não', 'tá.', 'é', 'oi', 'isso!']) t.equal(countedWords(text), 0, text);
  for (const [text, count] of [
    ['febre', 1],
    ['não tem', 2],
    ['é é', 2],
    ['—', 0],
  ] as const) {
    t.equal(countedWords(text), count, text);
  }
});

t.test('ten words are sent, nine wait, a filler is no tenth and stays in the text', async (t) => {
  const context = new ConversationContext();
  const say = speaker(context);
  t.match(say(words(9), 1000), { action: 'wait', rule: 'aguarda', newConversation: false });
  t.match(say('não', 1100), { action: 'wait', rule: 'aguarda' });
  t.match(say('febre', 1200), { action: 'send', rule: 'palavras_reunidas' });
  const taken = context.take(1200);
  t.same(taken, {
    text: `${words(9)} não febre`,
    segments: [1, 2, 3],
    history: [],
    doubtful: [],
    newestEndMs: 3000,
    conversation: 1,
  });
});

t.test('waiting text is sent 5 s after the last send, by the timer or as text comes', async (t) => {
  const context = new ConversationContext();
  const say = speaker(context);
  say(words(10), 1000);
  context.take(1000);
  context.release();
  t.equal(context.dueAtMs(), null, 'nothing waits');
  t.match(say('tem soro', 3000), { action: 'wait' });
  t.equal(context.dueAtMs(), 6000);
  t.match(context.onTimer(5999), { action: 'wait', rule: 'aguarda' });
  t.match(context.onTimer(6000), { action: 'send', rule: 'tempo_desde_o_envio' });
  context.take(6000);
  context.release();
  t.match(say('tem gaze', 10_999), { action: 'wait' });
  t.match(say('e soro', 11_000), { action: 'send', rule: 'tempo_desde_o_envio' });
});

t.test('before anything was sent the 5 s count from the first waiting words', async (t) => {
  const context = new ConversationContext();
  const say = speaker(context);
  t.match(say('tem soro', 90_000), { action: 'wait' });
  t.equal(context.dueAtMs(), 95_000);
});

t.test('after a gap over 5 s more than 3 words go at once', async (t) => {
  for (const [gapMs, count, action] of [
    [5001, 4, 'send'],
    [5000, 4, 'wait'],
    [5001, 3, 'wait'],
  ] as const) {
    const context = new ConversationContext();
    const say = speaker(context);
    say('bom dia', 0);
    t.match(say(words(count), 1, gapMs), { action }, `${gapMs} ms, ${count} words`);
  }
});

t.test('a gap over 45 s ends the conversation and drops a stray word', async (t) => {
  for (const [gapMs, text, expected] of [
    [45_001, 'ok então', { action: 'drop', rule: 'trecho_curto_apos_pausa_longa', newConversation: true }],
    [45_001, 'não', { action: 'drop', newConversation: true }],
    [45_000, 'ok então', { action: 'wait', newConversation: false }],
    [45_001, 'ok muito obrigado', { action: 'wait', newConversation: true }],
    [45_001, words(4), { action: 'send', rule: 'retomada_apos_pausa', newConversation: true }],
  ] as const) {
    const context = new ConversationContext();
    const say = speaker(context);
    say('bom dia', 0);
    t.match(say(text, 1, gapMs), expected, `${gapMs} ms, ${text}`);
  }
});

t.test('earlier turns leave the context with the conversation, whatever still waited too', async (t) => {
  const context = new ConversationContext();
  const say = speaker(context);
  say(words(10), 0);
  const first = context.take(0);
  context.release();
  say('é para bebê', 100);
  say(words(4), 200, 45_001);
  const second = context.take(200);
  t.match(second, { text: words(4), segments: [3], conversation: 2 });
  t.same(second?.history, []);
  t.not(first?.conversation, context.conversation, 'a card of the first must not be shown now');
});

t.test('one call in flight: text waits for it and goes when it ends', async (t) => {
  const context = new ConversationContext();
  const say = speaker(context);
  say(words(10), 0);
  context.take(0);
  t.match(say(words(12), 100), { action: 'wait', rule: 'chamada_em_curso' });
  t.equal(context.take(100), null);
  t.equal(context.dueAtMs(), null);
  context.release();
  t.ok((context.dueAtMs() ?? Number.POSITIVE_INFINITY) <= 200, 'due at once');
  t.match(context.onTimer(200), { action: 'send', rule: 'palavras_reunidas' });
  t.match(context.take(200), { segments: [2], history: [words(10)] });
});

t.test('what resumed after a pause during a call still goes at once afterwards', async (t) => {
  const context = new ConversationContext();
  const say = speaker(context);
  say(words(10), 0);
  context.take(0);
  say(words(4), 100, 5001);
  context.release();
  t.match(context.onTimer(200), { action: 'send', rule: 'retomada_apos_pausa' });
});

t.test('a late utterance joins the history at its place and triggers nothing', async (t) => {
  const context = new ConversationContext();
  context.apply({ segment: 2, text: words(10), startMs: 2000, endMs: 3000 }, 0);
  context.take(0);
  context.release();
  context.addLate({ segment: 1, text: 'bom dia', startMs: 0, endMs: 1000 });
  t.equal(context.dueAtMs(), null);
  context.apply({ segment: 3, text: 'tem soro', startMs: 3000, endMs: 4000 }, 10_000);
  t.match(context.take(10_000), { text: 'tem soro', history: ['bom dia', words(10)] });
  context.release();
  context.apply({ segment: 5, text: words(4), startMs: 60_000, endMs: 61_000 }, 70_000);
  context.addLate({ segment: 4, text: 'de antes', startMs: 4000, endMs: 5000 });
  t.same(context.take(70_000)?.history, [], 'what was said before the boundary stays out');
});

t.test('what is kept is bounded', async (t) => {
  const context = new ConversationContext();
  const say = speaker(context);
  for (let index = 0; index < 2000; index++) say(words(20), 0);
  const taken = context.take(0);
  t.ok(taken && taken.text.length <= 8200);
  t.ok(taken && taken.history.join(' ').length <= 4200);
});

t.test('empty text changes nothing', async (t) => {
  const context = new ConversationContext();
  t.match(context.apply({ segment: 1, text: ' ', startMs: 0, endMs: 1 }, 0), { action: 'wait', rule: 'vazio' });
  t.equal(context.take(0), null);
  t.match(context.onTimer(0), { action: 'wait' });
});
