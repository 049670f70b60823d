import { ForeignStage, foreignHasRoom } from './foreign.ts';
import { OggStage } from './ogg.ts';
import type { OpusStream } from './opus.ts';
import { OUTPUT_HZ, type PcmSink, PcmStage, pcmSupported } from './pcm.ts';
import type { RestartState } from './restart-map.ts';
import type { SniffedFormat } from './sniff.ts';
import type { PacketSink, Stage } from './stage.ts';
import { WavStage } from './wav.ts';
import { WebmStage } from './webm.ts';

/** What a stage tells the decoder it works for. */
export interface StageListener {
  pcm: PcmSink;
  /** Samples that come later than `push`, from another process. */
  latePcm: PcmSink;
  /** What comes next begins with the block that stands `offset` bytes into the stage. */
  block(offset: number): void;
  badPacket(): void;
  resync(): void;
  unsupported(name: string): void;
}

export interface StageRequest {
  format: SniffedFormat;
  /** Of raw PCM; absent: 16 kHz mono. */
  sampleRateHz?: number | undefined;
  channels?: number | undefined;
  /** For WebM and Ogg. */
  opus: OpusStream | undefined;
  ffmpegPath: string | null | undefined;
  /** Where it begins in the middle of a stream that another stage has begun. */
  restart: RestartState | undefined;
}

/** The stage that decodes a format; `undefined` when it told `unsupported`. Whatever it needs is loaded. */
export function openStage(request: StageRequest, listener: StageListener): Stage | undefined {
  const { restart } = request;
  switch (request.format) {
    case 'webm':
      return new WebmStage(packetSink(request, listener), restart?.format === 'webm' ? restart.tracks : undefined);
    case 'ogg':
      return new OggStage(packetSink(request, listener), restart?.format === 'ogg' ? restart.serial : undefined);
    case 'wav':
      return new WavStage(listener, restart?.format === 'wav' ? restart : undefined);
    case 'pcm_s16le':
      return openPcm(request, listener);
    default:
      return openForeign(request, request.format, listener);
  }
}

function packetSink({ opus }: StageRequest, listener: StageListener): PacketSink {
  return {
    block: (offset) => listener.block(offset),
    preSkip: (samples) => opus?.preSkip(samples),
    packet: (bytes) => opus?.packet(bytes),
    badPacket: () => listener.badPacket(),
    resync: () => listener.resync(),
    unsupported: (name) => listener.unsupported(name),
  };
}

function openPcm(request: StageRequest, listener: StageListener): Stage | undefined {
  const { sampleRateHz = OUTPUT_HZ, channels = 1 } =
    request.restart?.format === 'pcm_s16le' ? request.restart : request;
  if (!pcmSupported(sampleRateHz, channels)) {
    listener.unsupported(`pcm ${sampleRateHz} Hz, ${channels} canais`);
    return undefined;
  }
  return new PcmStage(sampleRateHz, channels, listener.pcm);
}

function openForeign(
  request: StageRequest,
  format: 'mp4' | 'flac' | 'mp3' | 'aac',
  listener: StageListener,
): Stage | undefined {
  const { ffmpegPath } = request;
  if (!ffmpegPath || !foreignHasRoom()) {
    listener.unsupported(format);
    return undefined;
  }
  return new ForeignStage(ffmpegPath, format, {
    pcm: listener.latePcm,
    unsupported: () => listener.unsupported(format),
  });
}
