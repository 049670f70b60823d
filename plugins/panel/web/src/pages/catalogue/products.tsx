import { useState } from 'preact/hooks';
import { formatReais } from '../../lib/format.ts';
import { useList } from '../../lib/list.ts';
import { can } from '../../lib/session.ts';
import { catalogue as t } from '../../messages/catalogue.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty, Failure, Load } from '../../ui/feedback.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { ProductDialog } from './product-dialog.tsx';
import { type Product, SALE_CLASSES } from './types.ts';

/** A client's own items: found, changed, switched off. */
export function Products({ clientId }: { clientId: string }) {
  const mayWrite = can('lists.write', clientId);
  const [text, setText] = useState('');
  const [saleClass, setSaleClass] = useState('');
  const [active, setActive] = useState('');
  const [turn, setTurn] = useState(0);
  const [edited, setEdited] = useState<Product | 'new' | null>(null);
  const path = `/api/v1/clients/${encodeURIComponent(clientId)}/catalogue/products`;
  const products = useList<Product>(path, { q: text.trim(), saleClass, active }, turn);
  return (
    <Card
      title={t('tab.products')}
      actions={
        mayWrite ? (
          <Button kind="primary" onClick={() => setEdited('new')}>
            {t('products.new')}
          </Button>
        ) : null
      }
    >
      <div class="filters">
        <TextField
          label={t('products.search')}
          type="search"
          placeholder={t('products.search.hint')}
          value={text}
          onValue={setText}
          maxLength={100}
        />
        <SelectField
          label={t('products.class')}
          value={saleClass}
          onValue={setSaleClass}
          options={[
            { value: '', label: t('products.class.all') },
            ...SALE_CLASSES.map((value) => ({ value: value as string, label: t(`saleClass.${value}`) })),
          ]}
        />
        <SelectField
          label={t('products.active')}
          value={active}
          onValue={setActive}
          options={[
            { value: '', label: t('products.active.all') },
            { value: 'true', label: t('products.active.yes') },
            { value: 'false', label: t('products.active.no') },
          ]}
        />
      </div>
      {products.error ? <Failure error={products.error} /> : null}
      <Load
        of={products.of}
        lines={6}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Empty title={t('products.none')}>
            <p>{t('products.none.text')}</p>
          </Empty>
        }
      >
        {({ items }) => (
          <Table
            caption={t('products.caption')}
            rows={items}
            keyOf={({ id }) => String(id)}
            columns={columns(mayWrite ? setEdited : null)}
            onMore={products.more}
            isLoadingMore={products.isLoadingMore}
          />
        )}
      </Load>
      {edited === null ? null : (
        <ProductDialog
          path={path}
          product={edited === 'new' ? null : edited}
          onDone={() => {
            setEdited(null);
            setTurn((before) => before + 1);
          }}
          onClose={() => setEdited(null)}
        />
      )}
    </Card>
  );
}

function columns(edit: ((product: Product) => void) | null): Column<Product>[] {
  return [
    {
      key: 'name',
      label: t('products.name'),
      show: ({ name, code, id }) => (
        <>
          {name}
          <span class="hint catalogue-block">{`${code} · ${id}`}</span>
        </>
      ),
    },
    { key: 'tag', label: t('products.tag'), show: ({ tag }) => <code>{tag}</code>, isExtra: true },
    {
      key: 'class',
      label: t('products.class'),
      show: ({ saleClass }) => (
        <Badge tone={saleClass === 'venda_livre' ? 'good' : 'plain'}>{t.of(`saleClass.${saleClass}`, saleClass)}</Badge>
      ),
    },
    { key: 'substance', label: t('products.substance'), show: ({ substance }) => substance ?? '–', isExtra: true },
    {
      key: 'price',
      label: t('products.price'),
      show: ({ priceCents }) => formatReais(priceCents === null ? null : priceCents / 100),
      isNumber: true,
      isExtra: true,
    },
    {
      key: 'active',
      label: t('products.active'),
      isExtra: true,
      show: ({ active }) => <Badge tone={active ? 'good' : 'warn'}>{t(active ? 'products.on' : 'products.off')}</Badge>,
    },
    ...(edit
      ? [
          {
            key: 'edit',
            label: t('import.action'),
            show: (product: Product) => (
              <Button isSmall aria-label={t('products.editOf', { name: product.name })} onClick={() => edit(product)}>
                {t('products.edit')}
              </Button>
            ),
          },
        ]
      : []),
  ];
}
