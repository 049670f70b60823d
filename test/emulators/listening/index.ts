/**
 * How an emulated speech vendor really listens. Two kinds: coverage (`coverage.ts`, exact, for every test about loss,
 * replay and order) and closed set (`closed-set.ts`, acoustic, for the demo and a re-encoded microphone).
 * Test equipment: neither is a provider, and neither understands anything but the bundled conversation.
 */
export * from '../../../core/kit/emulator/listening.ts';
