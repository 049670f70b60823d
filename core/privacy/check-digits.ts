/** Whether 11 digits are a CPF: both check digits by modulus 11, as the Receita Federal gives them. */
export function isCpf(digits: string): boolean {
  if (digits.length !== 11 || isOneDigit(digits)) return false;
  return mod11(digits, 9, 10) === Number(digits[9]) && mod11(digits, 10, 11) === Number(digits[10]);
}

/** Whether 14 digits are a CNPJ: both check digits by modulus 11, weights 2 to 9 from the right. */
export function isCnpj(digits: string): boolean {
  if (digits.length !== 14 || isOneDigit(digits)) return false;
  return cnpjDigit(digits, 12) === Number(digits[12]) && cnpjDigit(digits, 13) === Number(digits[13]);
}

/** Whether 13 to 19 digits pass the check of card numbers (Luhn, ISO/IEC 7812-1). */
export function isCard(digits: string): boolean {
  if (digits.length < 13 || digits.length > 19 || isOneDigit(digits)) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/**
 * Whether digits read as a Brazilian telephone of the national numbering plan: area code, then 9 and eight digits, or eight
 * that begin with 2 to 5; before it `0` or `55`, or no area code at all.
 */
export function isPhone(digits: string, areaCodes: ReadonlySet<number>): boolean {
  if (digits.length >= 12 && digits.startsWith('55')) return isPhone(digits.slice(2), areaCodes);
  if (digits.length >= 11 && digits.startsWith('0')) return isPhone(digits.replace(/^0+/, ''), areaCodes);
  const isWithArea = digits.length === 10 || digits.length === 11;
  if (isWithArea && !areaCodes.has(Number(digits.slice(0, 2)))) return false;
  const own = isWithArea ? digits.slice(2) : digits;
  return own.length === 9 ? own.startsWith('9') : own.length === 8 && /^[2-59]/.test(own);
}

function mod11(digits: string, length: number, weight: number): number {
  let sum = 0;
  for (let index = 0; index < length; index++) sum += Number(digits[index]) * (weight - index);
  const rest = (sum * 10) % 11;
  return rest === 10 ? 0 : rest;
}

function cnpjDigit(digits: string, length: number): number {
  let sum = 0;
  for (let index = 0; index < length; index++) sum += Number(digits[length - 1 - index]) * (2 + (index % 8));
  const rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}

function isOneDigit(digits: string): boolean {
  return digits === (digits[0] ?? '').repeat(digits.length);
}
