SELECT p.sku, p.revision, p.title, p.department, p.category, p.brand, p.price_amount, p.currency,
       p.archived, p.version, p.created_at, p.updated_at, p.ships
FROM skald_read.products_vN AS p
WHERE p.sku = ANY ($1)
