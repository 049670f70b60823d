/** A microphone that is open: its sound, and how loud it is. */
export interface Microphone {
  stream: MediaStream;
  /** dBFS of the last moment; -96 in silence. */
  level(): number;
  close(): void;
}

/** Why there can be none before anybody is asked: the browser gives it to safe pages only. */
export function canAsk(): boolean {
  return window.isSecureContext && navigator.mediaDevices !== undefined;
}

/** Asks for the microphone. @throws DOMException, whose `name` says why not. */
export async function openMicrophone(): Promise<Microphone> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(stream).connect(analyser);
  // A page that was not clicked yet has its sound suspended.
  void context.resume();
  const samples = new Float32Array(analyser.fftSize);
  return {
    stream,
    level() {
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      return Math.max(-96, 10 * Math.log10(Math.max(sum / samples.length, 1e-10)));
    },
    close() {
      for (const track of stream.getTracks()) track.stop();
      void context.close();
    },
  };
}
