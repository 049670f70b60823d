/** What XML 1.0 cannot hold in any form: controls, lone surrogates, non-characters (§2.2). */
const UNSPEAKABLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** `text` for an XML element or attribute: markup characters as entities, what XML cannot hold left out. */
export function escapeXml(text: string): string {
  return text.replace(UNSPEAKABLE, '').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** The document synthesis takes: one voice says one text, whatever characters any of the three holds. */
export function ssmlOf(text: string, voice: string, language: string): string {
  const open = `<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="${escapeXml(language)}">`;
  return `${open}<voice name="${escapeXml(voice)}">${escapeXml(text)}</voice></speak>`;
}
