export * from '../../core/kit/emulator/replies.ts';
