SELECT s.stream FROM skald.sagas AS s
WHERE s.partition = $1 AND s.phase IN ('forward', 'undoing')
