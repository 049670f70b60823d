import { useEffect, useRef, useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { canAsk, type Microphone, openMicrophone } from '../../lib/microphone.ts';
import { employees as t } from '../../messages/employees.ts';
import { Button } from '../../ui/button.tsx';
import { Failure, Notice } from '../../ui/feedback.tsx';
import { Meter } from '../../ui/meter.tsx';
import { microphoneFault, recordingFormat } from '../virtual/faults.ts';
import { LEAST_SPEECH_S, qualityOf, READINGS_HZ, speechSeconds } from './quality.ts';
import { type Employee, pathOf } from './types.ts';

/** After this long it stops by itself. */
const LONGEST_S = 60;

interface Running {
  microphone: Microphone;
  recorder: MediaRecorder;
}

/** Records a voice, says how good the recording is, and enrols it. The recording is nowhere but in this page until then. */
export function Recorder({ employee, onEnrolled }: { employee: Employee; onEnrolled(employee: Employee): void }) {
  const [running, setRunning] = useState<Running | null>(null);
  const [readings, setReadings] = useState<readonly number[]>([]);
  const [sound, setSound] = useState<{ blob: Blob; url: string } | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const alive = useRef<Running | null>(null);
  alive.current = running;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => {
      const db = running.microphone.level();
      setReadings((before) => [...before, db]);
    }, 1000 / READINGS_HZ);
    return () => clearInterval(timer);
  }, [running]);
  useEffect(() => {
    if (running && readings.length >= LONGEST_S * READINGS_HZ) stop(running);
  }, [readings.length]);
  useEffect(() => () => alive.current?.microphone.close(), []);
  useEffect(() => () => sound && URL.revokeObjectURL(sound.url), [sound]);
  const start = async () => {
    setFault(null);
    setSound(null);
    setReadings([]);
    const format =
      typeof MediaRecorder === 'undefined' ? null : recordingFormat((type) => MediaRecorder.isTypeSupported(type));
    if (!canAsk()) return setFault('insecure');
    if (!format) return setFault('recorder');
    try {
      const microphone = await openMicrophone();
      const recorder = new MediaRecorder(microphone.stream, { mimeType: format.type, audioBitsPerSecond: 64_000 });
      const parts: Blob[] = [];
      recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
      recorder.addEventListener('stop', () => {
        microphone.close();
        const blob = new Blob(parts, { type: format.type });
        setSound({ blob, url: URL.createObjectURL(blob) });
        setRunning(null);
      });
      recorder.start();
      setRunning({ microphone, recorder });
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      setFault(microphoneFault(error.name).key);
    }
  };
  const { run, isBusy, error } = useAction(async (blob: Blob) => {
    const form = new FormData();
    form.append('audio', blob, blob.type.startsWith('audio/ogg') ? 'voz.ogg' : 'voz.webm');
    onEnrolled(await send<Employee>('PUT', `${pathOf(employee)}/voice`, form));
  });
  const quality = qualityOf({ readings });
  const isRecorded = sound !== null && running === null;
  return (
    <div class="voice">
      <p>{t('record.text')}</p>
      <Meter label={t('record.level')} db={running ? (readings.at(-1) ?? null) : null} />
      <p role="status">
        {running || isRecorded ? t('record.seconds', { n: Math.floor(speechSeconds({ readings })) }) : null}
      </p>
      {isRecorded ? (
        <>
          {/* biome-ignore lint/a11y/useMediaCaption: what was said a moment ago, by the person who listens */}
          <audio controls src={sound.url} aria-label={t('record.playback')} />
          <Notice tone={quality === 'good' ? 'good' : 'warn'} title={t('quality.label')}>
            <p>{quality === 'short' ? t('quality.short', { n: LEAST_SPEECH_S }) : t(`quality.${quality}`)}</p>
          </Notice>
        </>
      ) : null}
      {fault ? <Notice tone="bad">{t.of(`fault.${fault}`, t('fault.other'))}</Notice> : null}
      {error ? <Failure error={error} /> : null}
      <div class="actions">
        {running ? (
          <Button kind="danger" onClick={() => stop(running)}>
            {t('record.stop')}
          </Button>
        ) : (
          <Button kind={isRecorded ? 'plain' : 'primary'} onClick={() => void start()}>
            {isRecorded ? t('record.again') : t('record.start')}
          </Button>
        )}
        {isRecorded ? (
          <Button kind="primary" isBusy={isBusy} onClick={() => void run(sound.blob)}>
            {t('record.send')}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function stop({ recorder }: Running): void {
  if (recorder.state !== 'inactive') recorder.stop();
}
