import t from 'tap';
import { detectors, hearAll, listen } from '../helpers/ear.ts';
import { airConditioner, beeps, doorSlams, printer, scaled } from '../helpers/noises.ts';

const NOISES = { beeps, printer, doorSlams, airConditioner };

/** A beep is loud and passes the gate: the VAD must refuse it, or the vendor is paid for it. */
for (const [name, synthesise] of Object.entries(NOISES)) {
  t.test(`a minute of ${name} is no utterance with either VAD, loud or soft`, async (t) => {
    const { silero, webrtc, cleaner } = await detectors(t);
    for (const gain of [1, 0.1]) {
      const noise = scaled(synthesise(60), gain);
      for (const detector of [silero, webrtc]) {
        const heard = listen(detector, { cleaner });
        await hearAll(heard, noise);
        t.same(heard.events, [], `${detector.name} at ${gain}`);
        heard.ear.close();
      }
    }
  });
}
