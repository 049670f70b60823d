import { cpus, loadavg, totalmem } from 'node:os';

/** Where the figures were taken. */
export interface Machine {
  cores: number;
  model: string;
  node: string;
  memoryGb: number;
  /** Load of the last minute before the bench: above 0.5 somebody else was using the machine. */
  loadAverage: number;
}

export function machine(): Machine {
  return {
    cores: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    node: process.version,
    memoryGb: Number((totalmem() / 2 ** 30).toFixed(1)),
    loadAverage: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

export function machineLine({ cores, model, node, memoryGb, loadAverage }: Machine): string {
  return `${cores} cores ${model}, Node ${node}, ${memoryGb} GB, load average before ${loadAverage}`;
}
