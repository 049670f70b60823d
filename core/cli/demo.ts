import { existsSync } from 'node:fs';
import { BaltoError } from '../contracts/index.ts';
import type { Command } from './command.ts';

/** What the stage offers; it stands among the test equipment, as the vendors it plays with do. */
interface Stage {
  runDemo(
    options: { speed: number; json: boolean },
    io: { out: NodeJS.WriteStream; env: Record<string, string | undefined>; signal: AbortSignal },
  ): Promise<number>;
}

const STAGE = new URL('../../test/demo/main.ts', import.meta.url);
/** Above this the server's own limit on decoding (4 times real time after 30 s) holds the counter back. */
const FASTEST = 6;

export const command: Command = {
  usage: 'demo [--fast N] [--json]',
  summary:
    'Mostra uma conversa inteira, sem chaves e sem rede: os fornecedores são emulados nesta máquina, e um deles é derrubado no meio. Usa um banco temporário: nada fica nos seus dados.',
  options: { fast: { type: 'string', value: 'N', help: `Velocidade: 1 (padrão) é o tempo real, até ${FASTEST}` } },
  async run({ values }, { env, signal }) {
    const speed = readSpeed(values['fast']);
    if (!existsSync(STAGE)) {
      const message =
        'A demonstração vem com o repositório (pasta test/demo), e esta instalação não a traz: rode "npm run demo" nele.';
      throw new BaltoError({ code: 'BALTO_DEMO_ABSENT', message });
    }
    const { runDemo } = (await import(STAGE.href)) as Stage;
    // Not line by line: where there is a terminal, the last line is replaced while people speak.
    return runDemo({ speed, json: values['json'] === true }, { out: process.stdout, env, signal });
  },
};

function readSpeed(given: unknown): number {
  const speed = given === undefined ? 1 : Number(given);
  if (speed >= 1 && speed <= FASTEST) return speed;
  const message = `--fast: esperado um número de 1 a ${FASTEST}`;
  throw new BaltoError({ code: 'BALTO_CLI_USAGE', message, field: 'fast' });
}
