-- case: many in one session
-- limits: each=0.2
-- expect: server server medium
-- session leaking
PREPARE one FROM 'SELECT 1';
PREPARE two FROM 'SELECT 2';
PREPARE three FROM 'SELECT 3';
-- main
SELECT 1;

-- case: near the limit
-- limits: share=0.1
-- expect: server server high
SET GLOBAL max_prepared_stmt_count = 10;
-- session leaking
PREPARE one FROM 'SELECT 1';
PREPARE two FROM 'SELECT 2';
-- main
SELECT 1;

-- case: closed
-- expect passed
-- innocent: a statement that is closed again
PREPARE one FROM 'SELECT 1';
DEALLOCATE PREPARE one;
