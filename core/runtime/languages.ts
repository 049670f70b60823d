/** `pt` covers `pt-BR`; `*` and `multi` cover all. */
export function coversLanguage(known: readonly string[], wanted: string): boolean {
  const language = wanted.toLowerCase();
  return known.some((each) => {
    const name = each.toLowerCase();
    return name === '*' || name === 'multi' || name === language || language.startsWith(`${name}-`);
  });
}
