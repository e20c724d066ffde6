CREATE TABLE posts (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  title VARCHAR(200) NOT NULL,
  author VARCHAR(100) NOT NULL,
  body TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  KEY author (author)
) ENGINE = InnoDB;

INSERT INTO posts (id, title, author, body, created_at)
SELECT seq,
       CONCAT('Post number ', seq, ' – über 日本語 & “quotes”'),
       ELT(1 + seq MOD 5, 'ada', 'grace', 'édith', '林檎', 'o''brien'),
       REPEAT(CONCAT(SHA2(seq, 256), ' '), 32),
       '2024-01-01' + INTERVAL seq MINUTE
FROM seq_1_to_52000;
