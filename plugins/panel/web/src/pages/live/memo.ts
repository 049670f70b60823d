import { Component, type ComponentChild, type FunctionComponent, h } from 'preact';

/** A component drawn again only when it is given something else; signals it reads draw it by themselves. */
export function memo<Props extends object>(of: FunctionComponent<Props>): FunctionComponent<Props> {
  class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      const names = Object.keys(next) as (keyof Props)[];
      return names.some((name) => next[name] !== (this.props as Props)[name]);
    }

    override render(): ComponentChild {
      return h(of as never, this.props as never);
    }
  }
  return Memo as unknown as FunctionComponent<Props>;
}
