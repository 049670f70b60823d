export * from '../../core/kit/emulator/faults.ts';
