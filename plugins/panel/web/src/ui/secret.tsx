import { useState } from 'preact/hooks';
import { shell } from '../messages/shell.ts';
import { Button } from './button.tsx';

/** What is shown only this once, to be copied. */
export function Secret({ label, value }: { label: string; value: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(value).then(() => setCopied(true));
  return (
    <div class="secret">
      <span class="stat-label">{label}</span>
      <div class="secret-row">
        <code>{value}</code>
        {'clipboard' in navigator ? (
          <Button kind="quiet" onClick={copy}>
            {isCopied ? shell('secret.copied') : shell('secret.copy')}
          </Button>
        ) : null}
      </div>
      <p class="hint">{shell('secret.once')}</p>
    </div>
  );
}
