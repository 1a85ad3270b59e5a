-- A sample to run with; the chain's own 191 theatres come from its master data, as a later migration.
INSERT INTO theatre (id, name_ko, name_en, region) VALUES
  (1, '강남', 'Gangnam', 'Seoul'), (2, '홍대', 'Hongdae', 'Seoul'), (3, '잠실', 'Jamsil', 'Seoul'),
  (4, '용산', 'Yongsan', 'Seoul'), (5, '수원', 'Suwon', 'Gyeonggi'), (6, '판교', 'Pangyo', 'Gyeonggi'),
  (7, '송도', 'Songdo', 'Incheon'), (8, '둔산', 'Dunsan', 'Daejeon'), (9, '동성로', 'Dongseong-ro', 'Daegu'),
  (10, '센텀', 'Centum', 'Busan'), (11, '상무', 'Sangmu', 'Gwangju'), (12, '제주', 'Jeju', 'Jeju');

INSERT INTO menu_item (id, name_ko, name_en, category, price) VALUES
  (1, '오리지널 팝콘 M', 'Popcorn, medium', 'popcorn', 5500), (2, '오리지널 팝콘 L', 'Popcorn, large', 'popcorn', 6000),
  (3, '카라멜 팝콘 L', 'Caramel popcorn, large', 'popcorn', 7000), (4, '콜라 M', 'Cola, medium', 'drink', 3000),
  (5, '콜라 L', 'Cola, large', 'drink', 3500), (6, '아메리카노', 'Americano', 'drink', 4000),
  (7, '생수', 'Water', 'drink', 2000), (8, '나초', 'Nachos', 'snack', 4900),
  (9, '핫도그', 'Hot dog', 'snack', 5000), (10, '버터 오징어', 'Butter squid', 'snack', 4500),
  (11, '더블 콤보', 'Double combo', 'combo', 13000), (12, '패밀리 콤보', 'Family combo', 'combo', 19000);

-- Every theatre sells everything but for the last item of its own: menus differ, as they do in life.
INSERT INTO theatre_menu_item (theatre_id, menu_item_id)
SELECT t.id, i.id FROM theatre t CROSS JOIN menu_item i WHERE i.id <> 13 - t.id;
