module acme.test/shop
