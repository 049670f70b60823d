export { wordListening } from '../../core/kit/emulator/word-listening.ts';
