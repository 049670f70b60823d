const WHOLE = new Intl.NumberFormat('pt-BR');

/** A count with its noun in Portuguese, and what has to agree with it: `1 item mudado`, `0 itens mudados`, `1.200 itens mudados`. */
export function counted(count: number, one: string, many: string): string {
  return `${WHOLE.format(count)} ${count === 1 ? one : many}`;
}
