export * from '../../core/kit/emulator/server.ts';
