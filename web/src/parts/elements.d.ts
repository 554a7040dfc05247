// Elements of our own, as JSX knows them.
import 'preact';

type Label = 'label' | 'label-before' | 'label-after' | 'label-zoom-in' | 'label-zoom-out' | 'label-fit';

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'compare-view': { 'src-before': string; 'src-after': string } & Record<Label, string>;
    }
  }
}
