SELECT a.id, a.email, a.name, a.version, a.created_at, a.updated_at
FROM skald_read.accounts_vN AS a
WHERE true{where}
ORDER BY {order}
LIMIT {limit}
