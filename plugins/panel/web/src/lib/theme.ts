import { signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';

const STORED = 'balto.tema';

function stored(): Theme {
  const value = localStorage.getItem(STORED);
  return value === 'light' || value === 'dark' ? value : 'auto';
}

export const theme = signal<Theme>(stored());

/** Puts the theme on the document; `auto` leaves it to the system. */
export function applyTheme(): void {
  theme.subscribe((value) => {
    if (value === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = value;
  });
}

export function chooseTheme(value: Theme): void {
  theme.value = value;
  if (value === 'auto') localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, value);
}
