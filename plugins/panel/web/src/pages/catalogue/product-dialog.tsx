import { useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { catalogue as t } from '../../messages/catalogue.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice, tell } from '../../ui/feedback.tsx';
import { CheckField, errorAt, NumberField, SelectField, TextArea, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { type Product, SALE_CLASSES } from './types.ts';

type SaleClass = (typeof SALE_CLASSES)[number];

/** One item, new or changed. What is not said is unknown, and the unknown is never suggested. */
export function ProductDialog({
  path,
  product,
  onDone,
  onClose,
}: {
  path: string;
  product: Product | null;
  onDone(): void;
  onClose(): void;
}) {
  const [code, setCode] = useState('');
  const [name, setName] = useState(product?.name ?? '');
  const [tag, setTag] = useState(product?.tag ?? 'outros');
  const [saleClass, setSaleClass] = useState((product?.saleClass ?? 'desconhecida') as SaleClass);
  const [isMedicine, setMedicine] = useState(product?.medicine ?? false);
  const [isActive, setActive] = useState(product?.active ?? true);
  const [substance, setSubstance] = useState(product?.substance ?? '');
  const [reais, setReais] = useState(product?.priceCents == null ? null : product.priceCents / 100);
  const [indications, setIndications] = useState((product?.indications ?? []).join('\n'));
  const [synonyms, setSynonyms] = useState((product?.synonyms ?? []).join('\n'));
  const [why, setWhy] = useState('');
  const { run, isBusy, error } = useAction(() => {
    const fields = {
      name: name.trim(),
      tag: tag.trim(),
      saleClass,
      medicine: isMedicine,
      active: isActive,
      substance: substance.trim() === '' ? null : substance.trim(),
      priceCents: reais === null ? null : Math.round(reais * 100),
      indications: linesOf(indications),
      synonyms: linesOf(synonyms),
      why: why.trim(),
    };
    if (!product) return send('POST', path, { ...fields, code: code.trim() });
    return send('PATCH', `${path}/${product.id}`, fields, { etag: `"${product.revision}"` });
  });
  const submit = async () => {
    if (!(await run())) return;
    tell(t('products.saved'));
    onDone();
  };
  const at = (field: string) => errorAt(error, field);
  const isStale = error?.status === 412;
  return (
    <Dialog title={t(product ? 'products.edit.title' : 'products.new.title')} onClose={onClose} isWide>
      <Form
        class="catalogue-form"
        submit={t('save')}
        isBusy={isBusy}
        isDisabled={name.trim() === '' || why.trim() === '' || (!product && code.trim() === '')}
        error={isStale ? null : error}
        shown={['name', 'code', 'tag', 'substance', 'why']}
        onSubmit={() => void submit()}
      >
        <div class="row">
          <TextField
            label={t('products.name')}
            value={name}
            onValue={setName}
            isRequired
            maxLength={120}
            error={at('name')}
          />
          {product ? null : (
            <TextField
              label={t('products.code')}
              hint={t('products.code.hint')}
              value={code}
              onValue={setCode}
              isRequired
              maxLength={80}
              error={at('code')}
            />
          )}
        </div>
        <div class="row">
          <SelectField<SaleClass>
            label={t('products.class')}
            value={saleClass}
            onValue={setSaleClass}
            options={SALE_CLASSES.map((value) => ({ value, label: t(`saleClass.${value}`) }))}
          />
          <TextField label={t('products.tag')} value={tag} onValue={setTag} maxLength={60} error={at('tag')} />
          <NumberField label={t('products.price.field')} value={reais} onValue={setReais} min={0} step={0.01} />
        </div>
        <TextField
          label={t('products.substance')}
          hint={t('products.substance.hint')}
          value={substance}
          onValue={setSubstance}
          maxLength={500}
          error={at('substance')}
        />
        <div class="row">
          <TextArea
            label={t('products.indications')}
            hint={t('products.list.hint')}
            value={indications}
            onValue={setIndications}
          />
          <TextArea
            label={t('products.synonyms')}
            hint={t('products.list.hint')}
            value={synonyms}
            onValue={setSynonyms}
          />
        </div>
        <CheckField label={t('products.medicine')} isChecked={isMedicine} onChecked={setMedicine} />
        <CheckField label={t('products.isActive')} isChecked={isActive} onChecked={setActive} />
        <TextField
          label={t('why')}
          hint={t('why.hint')}
          value={why}
          onValue={setWhy}
          isRequired
          maxLength={500}
          error={at('why')}
        />
        {isStale ? <Notice tone="warn">{t('products.stale')}</Notice> : null}
      </Form>
    </Dialog>
  );
}

/** A text of one thing a line as a list. */
function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => line.trim() || []);
}
