"""Proper names: people, countries with their languages, cities, days and months."""

FEMALE = """
    Anna Maria Sofia Emma Olivia Laura Julia Sara Eva Nina Elena Marta Lucia Carmen Paula Clara Alice Lucy Mary Jane
    Kate Susan Linda Helen Amy Grace Rose Lily Ella Mia Zoe Chloe Hannah Rachel Rebecca Diana Fiona Gloria Irene
    Ingrid Astrid Freya Katya Olga Irina Natasha Svetlana Yuki Aiko Mariko Keiko Sakura Mei Ling Xiu Fatima Aisha
    Leila Yasmin Amina Zainab Priya Anita Kavita Deepa Lakshmi Noor Rania Salma Dina Maya Tara Nadia Petra Greta
    Heidi Ursula Beatriz Ines Teresa Valeria Camila Gabriela Isabel Rosa Bianca Chiara Giulia Francesca Ewa Agnieszka
    Zofia Hanna Aino Liisa Sanna Birgit Karin Linh Thuy Oksana Daria Polina Vera Zsofia Ilona Abigail Bridget Celia
    Dorothy Edith Flora Gwen Harriet Iris Joyce Kelly Lorna Mabel Nora Opal Pearl Quinn Ruth Stella Tina Una Violet
    Wendy Ximena Yvonne Zara
"""

MALE = """
    Tom John Peter Paul David Mark James Robert Michael Daniel Adam Ben Jack Harry George Oliver Leo Max Sam Alex
    Carlos Pedro Juan Luis Diego Pablo Javier Miguel Antonio Marco Luca Paolo Giovanni Matteo Hans Karl Stefan Jonas
    Felix Lars Erik Nils Olaf Ivan Boris Dmitri Sergei Igor Oleg Kenji Hiroshi Takeshi Akira Satoshi Wei Jun Chen
    Minh Duc Ahmed Omar Ali Hassan Yusuf Karim Tariq Rashid Raj Arjun Vikram Sanjay Ravi Anil Kwame Kofi Jabari
    Tunde Chidi Emeka Piotr Tomasz Janusz Marek Pavel Jiri Laszlo Andras Mikko Juhani Pierre Jean Louis Henri Marcel
    Rui Tiago Mateus Thiago Bruno Caio Aaron Basil Cedric Dennis Edwin Frank Gareth Howard Ian Jerome Kevin Leonard
    Martin Nigel Oscar Philip Quentin Roger Simon Trevor Ulrich Victor Walter Xavier Yannick Zachary
"""

COUNTRIES = """
    Spain France Italy Germany Japan China Brazil Mexico Canada England Ireland Scotland Poland Russia Turkey Greece
    Egypt India Portugal Sweden Norway Finland Denmark Austria Hungary Argentina Chile Peru Colombia Morocco Kenya
    Nigeria Vietnam Thailand Korea Indonesia Australia Iceland Belgium Switzerland Ukraine Cuba Nepal Tunisia Ghana
    Jordan Croatia Bolivia Malta Ecuador
"""

CITIES = """
    London Paris Rome Madrid Berlin Tokyo Moscow Vienna Lisbon Athens Dublin Oslo Prague Warsaw Budapest Cairo Delhi
    Sydney Toronto Chicago Boston Seoul Beijing Hanoi Lima Bogota Havana Istanbul Helsinki Stockholm Copenhagen
    Amsterdam Brussels Geneva Milan Naples Venice Barcelona Seville Munich Hamburg Kyiv Nairobi Lagos Manchester
    Edinburgh Zagreb Osaka Krakow Valencia
"""

LANGUAGES = """
    English Spanish French German Italian Japanese Chinese Russian Portuguese Arabic Turkish Greek Polish Swedish
    Dutch Korean Hindi Finnish Hungarian Czech Danish Norwegian Vietnamese Thai Swahili Urdu Bengali Croatian
"""

DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
MONTHS = "January February March April May June July August September October November December"
