import { useEffect, useRef } from 'preact/hooks';
import 'uplot/dist/uPlot.min.css';
import uPlot from 'uplot';
import { formatDate, formatMoment, TIME_ZONE } from '../lib/format.ts';
import { theme } from '../lib/theme.ts';
import { shell } from '../messages/shell.ts';

const DAY_S = 86_400;

export interface Series {
  label: string;
  /** A CSS variable of the theme: `--series-1` … `--series-6`. */
  color: string;
  values: readonly (number | null)[];
  isDashed?: boolean;
}

export interface ChartProps {
  /** What it shows: its name for screen readers. Give the same figures as a table beside it. */
  label: string;
  /** Seconds since 1970. */
  times: readonly number[];
  series: readonly Series[];
  format(value: number): string;
  heightPx?: number;
}

/** Lines over time; loaded only with the pages that draw. */
export function Chart({ label, times, series, format, heightPx = 220 }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const step = (times[1] ?? 0) - (times[0] ?? 0);
    const axis = { stroke: color('--text-soft'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: heightPx,
        cursor: { y: false },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), TIME_ZONE),
        axes: [
          { ...axis, values: (_plot, seconds) => seconds.map((each) => instant(each, step)) },
          { ...axis, size: 76, values: (_plot, values) => values.map(format) },
        ],
        series: [
          {
            label: shell('chart.when'),
            value: (_plot, seconds: number | null) => (seconds === null ? '–' : instant(seconds, step)),
          },
          ...series.map(({ label, color: name, isDashed }) => ({
            label,
            stroke: color(name),
            width: 2,
            ...(isDashed ? { dash: [6, 4] } : {}),
            value: (_plot: uPlot, value: number | null) => (value === null ? '–' : format(value)),
          })),
        ],
      },
      [times as number[], ...series.map(({ values }) => values as (number | null)[])],
      element,
    );
    const watch = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: heightPx }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
    // Colors are read from the theme when it is drawn.
  }, [times, series, format, heightPx, theme.value]);
  return <div class="chart" role="img" aria-label={label} ref={host} />;
}

/** A day where days are drawn, else its time of day too. */
function instant(seconds: number, stepS: number): string {
  return stepS >= DAY_S ? formatDate(seconds * 1000).slice(0, 5) : formatMoment(seconds * 1000);
}
