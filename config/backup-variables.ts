import { storage, text, whole } from './variable-kinds.ts';

/** Copies of the database that the panel makes. */
export const backupVariables = {
  backupDir: text(
    storage('BACKUP_DIR', 'Pasta das cópias feitas pelo painel. Vazio: copias dentro de BALTO_DATA_DIR.'),
  ),
  backupKeep: whole(
    storage('BACKUP_KEEP', 'Cópias feitas pelo painel que ficam nesta máquina; a mais antiga cede lugar.'),
    1,
    365,
    7,
  ),
  backupMaxAgeDays: whole(
    storage('BACKUP_MAX_AGE_DAYS', 'Dias sem cópia do banco até que um alerta o diga; 0: nunca.'),
    0,
    3650,
    7,
  ),
};
