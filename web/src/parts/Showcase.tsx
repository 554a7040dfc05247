// One product, plain and in sets of the house: says at a glance what the studio does. The pictures are those of the template gallery.
import plain from '../../../share/gallery/studio-warm.webp';
import kitchen from '../../../share/gallery/kitchen.webp';
import ring from '../../../share/gallery/lilac-ring.webp';
import mihrab from '../../../share/gallery/eid-mihrab.webp';
import { t } from '../core/i18n.ts';
import '../styles/showcase.css';

export const Showcase = () => (
  <figure class="showcase">
    <div class="showcase-sets">
      {[plain, kitchen, ring, mihrab].map((src) => <img key={src} src={src} width="400" height="400" alt="" decoding="async" />)}
    </div>
    <figcaption class="hint">{t('showcase')}</figcaption>
  </figure>
);
