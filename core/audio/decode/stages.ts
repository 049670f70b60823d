import { ForeignStage, foreignHasRoom } from './foreign.ts';
import { OggStage } from './ogg.ts';
import type { OpusStream } from './opus.ts';
import { OUTPUT_HZ, type PcmSink, PcmStage, pcmSupported } from './pcm.ts';
import type { SniffedFormat } from './sniff.ts';
import type { PacketSink, Stage } from './stage.ts';
import { WavStage } from './wav.ts';
import { WebmStage } from './webm.ts';

/** What a stage tells the decoder it works for. */
export interface StageListener {
  pcm: PcmSink;
  /** Samples that come later than `push`, from another process. */
  latePcm: PcmSink;
  pcmFormat(sampleRateHz: number, channels: number): void;
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
}

/** The stage that decodes a format; `undefined` when it told `unsupported`. Whatever it needs is loaded. */
export function openStage(request: StageRequest, listener: StageListener): Stage | undefined {
  switch (request.format) {
    case 'webm':
      return new WebmStage(packetSink(request, listener));
    case 'ogg':
      return new OggStage(packetSink(request, listener));
    case 'wav':
      return new WavStage({
        pcm: listener.pcm,
        format: (sampleRateHz, channels) => listener.pcmFormat(sampleRateHz, channels),
        unsupported: (name) => listener.unsupported(name),
      });
    case 'pcm_s16le':
      return openPcm(request, listener);
    default:
      return openForeign(request, request.format, listener);
  }
}

function packetSink({ opus }: StageRequest, listener: StageListener): PacketSink {
  return {
    preSkip: (samples) => opus?.preSkip(samples),
    packet: (bytes) => opus?.packet(bytes),
    badPacket: () => listener.badPacket(),
    resync: () => listener.resync(),
    unsupported: (name) => listener.unsupported(name),
  };
}

function openPcm(request: StageRequest, listener: StageListener): Stage | undefined {
  const { sampleRateHz = OUTPUT_HZ, channels = 1 } = request;
  if (!pcmSupported(sampleRateHz, channels)) {
    listener.unsupported(`pcm ${sampleRateHz} Hz, ${channels} canais`);
    return undefined;
  }
  listener.pcmFormat(sampleRateHz, channels);
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
