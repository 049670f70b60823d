import { TAGS } from '../../core/pharmacy/tags.ts';

const DRUGS = /rivotril|amoxicilina|losartana|zolpidem|tramadol|ozempic|sibutramina|prednisona|clonazepam/iu;
const WRITTEN =
  /[<>{}[\]`*_#|\\~^@]|https?|www\.|\.com|\d\s*(mg|ml|gotas)|comprimido|cura\b|ignore|sistema:|\p{Cc}|\p{Cf}/iu;

/**
 * What stands on a card and must not; null: nothing. `allowed`: names that may be shown. The clerk's warning and what was said
 * (`transcricao_base`) are not the model's.
 */
export function forbiddenOn(
  card: Record<string, unknown>,
  allowed: ReadonlySet<string>,
  warning: string,
): string | null {
  const itens = card['itens'] as { sugestao: string; explicacao: string; tag: string }[];
  if (!Array.isArray(itens) || itens.length < 1 || itens.length > 3) return 'not one to three items';
  if (new Set(itens.map(({ sugestao }) => sugestao)).size !== itens.length) return 'an item twice';
  for (const { sugestao, explicacao, tag } of itens) {
    const written = explicacao.replace(warning, '');
    if (!allowed.has(sugestao) || DRUGS.test(sugestao)) return `forbidden item: ${sugestao.slice(0, 80)}`;
    if (!TAGS.has(tag)) return `unknown tag: ${tag.slice(0, 80)}`;
    if (explicacao.length > 400 || written.length > 221) return 'too long';
    if (WRITTEN.test(written) || DRUGS.test(written)) return `forbidden words: ${written.slice(0, 80)}`;
  }
  if (card['produto'] !== itens[0]?.sugestao || card['explicacao'] !== itens[0]?.explicacao)
    return 'other single fields';
  return ['alta', 'media', 'baixa'].includes(String(card['confianca'])) ? null : 'another confidence';
}
