/**
 * Abbreviations of the list's presentations (Anvisa's controlled vocabulary, 2011, and older spellings), most telling first.
 * A form is called as `config/otc/nomes.json` calls it, where that knows it.
 */
const FORMS: readonly [pattern: RegExp, form: string][] = [
  [/^COM.*\b(?:LIB RET|GASTR)/, 'comprimido de liberação retardada'],
  [/^COM.*\bLIB/, 'comprimido de liberação prolongada'],
  [/^COM\w* EFE/, 'comprimido efervescente'],
  [/^COM\w* MAST/, 'comprimido mastigável'],
  [/^COM\w* SUB/, 'comprimido sublingual'],
  [/^COM\w* ORO/, 'comprimido orodispersível'],
  [/^COM\w* (?:DISP|SOL)/, 'comprimido dispersível'],
  [/^COM\w* VAG/, 'comprimido vaginal'],
  [/^COM\w* REV/, 'comprimido revestido'],
  [/^(?:COM|COMP|CPR|COMPRIMIDOS?)\b/, 'comprimido'],
  [/^CAP.*\b(?:LIB RET|GASTR)/, 'cápsula de liberação retardada'],
  [/^CAP.*\bLIB/, 'cápsula de liberação prolongada'],
  [/^CAP/, 'cápsula'],
  [/^(?:DRG|DRAG)/, 'drágea'],
  [/^(?:PAS|PAST)\b/, 'pastilha'],
  [/^GOM/, 'goma de mascar'],
  [/^GRAN\w* EFE/, 'granulado efervescente'],
  [/^GRAN/, 'granulado'],
  [/^PO EFE/, 'pó efervescente'],
  [/^PO (?:P\/ |PARA )?(?:PREP )?SOL OR/, 'pó para solução oral'],
  [/^PO (?:P\/ |PARA )?(?:PREP )?SUS\w* OR/, 'pó para suspensão oral'],
  [/^PO OR/, 'pó oral'],
  [/^PO (?:DERM|TOP)/, 'pó de uso tópico'],
  [/^PO INAL/, 'pó inalatório'],
  [/^(?:XPE|XAR)/, 'xarope'],
  [/^(?:ELX|ELI)/, 'elixir'],
  [/^(?:SOL|SUS|EMU)\w* (?:SPR |GOT )?NAS/, 'solução nasal'],
  [/^SPR\w* NAS/, 'solução nasal'],
  [/^(?:SOL|SUS|EMU)\w* (?:GOT )?OFT/, 'solução oftálmica'],
  [/^COL\b/, 'solução oftálmica'],
  [/^(?:SOL|SUS)\w* (?:GOT )?OTO/, 'solução otológica'],
  [/^(?:SOL|SUS)\w* (?:P\/ |PARA )?(?:INAL|NEB|AER)/, 'solução inalatória'],
  [/^AER/, 'aerossol'],
  [/^SOL\w* (?:BUC|COLUT)/, 'solução bucal'],
  [/^(?:COLUT|ENXAG)/, 'solução bucal'],
  [/^(?:SOL|SUS)\w* (?:RET|ENEM)/, 'solução retal'],
  [/^ENEM/, 'solução retal'],
  [/^SOL\w* VAG/, 'solução vaginal'],
  [/^SOL\w* (?:DERM|TOP|CAP|SPR)/, 'solução tópica'],
  [/^(?:SOL|LIQ)\w* (?:GOT )?OR/, 'solução oral'],
  [/^(?:SOL GOT|GOT|GTS)/, 'solução oral'],
  [/^SUS\w* (?:GOT )?OR/, 'suspensão oral'],
  [/^EMU\w* OR/, 'emulsão oral'],
  [/^EMU\w* (?:DERM|TOP)/, 'emulsão de uso tópico'],
  [/^CREM\w* VAG/, 'creme vaginal'],
  [/^CREM/, 'creme'],
  [/^POM\w* OFT/, 'pomada oftálmica'],
  [/^POM\w* RET/, 'pomada retal'],
  [/^POM/, 'pomada'],
  [/^GEL\w* VAG/, 'gel vaginal'],
  [/^GEL\w* (?:OFT)/, 'gel oftálmico'],
  [/^GEL\w* OR/, 'gel oral'],
  [/^GEL\b|^GELEIA/, 'gel'],
  [/^LOC/, 'loção'],
  [/^(?:SHA|XAM)/, 'xampu'],
  [/^SAB/, 'sabonete'],
  [/^SPR/, 'spray'],
  [/^ESM/, 'esmalte'],
  [/^(?:ADES|ADS) TRANSD/, 'adesivo transdérmico'],
  [/^EMP/, 'emplastro'],
  [/^(?:ADES|ADS)/, 'adesivo'],
  [/^SUP/, 'supositório'],
  [/^(?:OVL|OVU)/, 'óvulo'],
  [/^TINT/, 'tintura'],
];

const INJECTED =
  /\b(?:INJ\w*|INFUS\w*|IV|IM|SC|EV|LIOF\w*|INTRAV\w*|INTRAM\w*|SUBCUT\w*|INTRAT\w*|EPIDUR\w*|PARENT\w*|IMPL\w*)\b/;
/** Ampoule, vial, syringe, pen: what is in them is injected, unless the form says another way. */
const NEEDLE_PACKAGES = /\b(?:AMP|FA|SER|CAN|CANETA|CARP|BOLS)\b/;
/** From here on a presentation speaks of its package. */
const PACKAGE = /(?:^|\s)(?:CT|CX|FR|BL|ENV|BG|BIS|FA|AMP|STR|EST|PT|SACH|SER|X)(?:\s|$)/;

/** The form of a presentation without its doses, and whether it is injected. */
export function formOf(text: string): { form: string | null; isInjectable: boolean } {
  const at = text.search(PACKAGE);
  const [form = '', pack = ''] = at < 0 ? [text] : [text.slice(0, at).trim(), text.slice(at)];
  if (INJECTED.test(form)) return { form: 'injetável', isInjectable: true };
  const known = FORMS.find(([pattern]) => pattern.test(form))?.[1] ?? null;
  if (known === null && NEEDLE_PACKAGES.test(pack)) return { form: 'injetável', isInjectable: true };
  return { form: known, isInjectable: false };
}
