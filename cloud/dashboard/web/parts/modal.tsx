import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../words/t.ts';

/** A dialog over the page: the browser keeps the focus inside, Escape closes it, and the focus returns to where it was. */
export function Modal({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const box = useRef<HTMLDialogElement>(null);
  // Opens before the next key arrives, which would otherwise still act on the page below.
  useLayoutEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog class="modal" ref={box} aria-label={title} onClose={onClose}>
      <header class="modal-head">
        <h2>{title}</h2>
        <button type="button" class="quiet" onClick={() => box.current?.close()}>
          {t('Close')}
        </button>
      </header>
      {children}
    </dialog>
  );
}
