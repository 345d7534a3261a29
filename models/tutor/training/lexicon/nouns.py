"""Nouns by meaning class; the class decides which verbs and prepositions a noun may follow.

`COUNTABLE` nouns have a plural (regular unless `IRREGULAR_PLURALS` says otherwise);
`UNCOUNTABLE` nouns never take `a`/`an` or a plural ending.
"""

COUNTABLE: dict[str, str] = {
    "person": """
        teacher doctor nurse student farmer waiter singer dancer writer painter driver pilot sailor soldier lawyer
        judge baker butcher cook cleaner builder engineer scientist artist actor actress musician journalist
        photographer secretary manager director dentist surgeon chemist plumber electrician mechanic carpenter
        gardener guard guide librarian tourist traveller neighbour guest visitor customer client passenger player
        runner swimmer coach captain king queen prince princess policeman policewoman fireman firefighter postman
        businessman businesswoman shopkeeper hairdresser tailor reporter editor author poet president minister mayor
        boss worker colleague assistant receptionist programmer designer architect accountant professor pupil
        classmate roommate stranger child man woman boy girl baby teenager adult hero winner leader owner thief
        inspector detective officer translator vet instructor beginner expert volunteer fisherman
    """,
    "relative": """
        brother sister mother father aunt uncle cousin grandmother grandfather grandson granddaughter nephew niece
        son daughter wife husband friend girlfriend boyfriend parent grandparent stepbrother partner
    """,
    "animal": """
        cat dog horse cow pig sheep goat chicken duck goose rabbit mouse rat hamster parrot bird eagle owl fox wolf
        bear lion tiger elephant giraffe monkey camel donkey deer snake lizard frog turtle fish shark whale dolphin
        penguin bee butterfly spider ant fly insect kitten puppy zebra kangaroo crocodile squirrel swan pigeon crow
        hedgehog otter seal octopus crab beetle leopard panda
    """,
    "food": """
        apple orange banana pear peach plum lemon melon cherry strawberry grape mango pineapple tomato potato carrot
        onion cucumber pepper mushroom bean pea egg sandwich burger pizza cake biscuit cookie pancake pie sausage
        omelette salad steak sweet ice_cream doughnut apricot avocado olive radish turnip cabbage lettuce waffle
        muffin croissant pretzel dumpling noodle walnut almond
    """,
    "thing": """
        book pen pencil bag box bottle cup glass plate bowl knife fork spoon chair table desk lamp clock watch phone
        computer laptop camera radio television picture painting photo mirror umbrella key wallet purse suitcase
        backpack ticket map newspaper magazine dictionary notebook envelope stamp postcard letter parcel present gift
        toy doll ball kite bicycle bike guitar piano violin basket candle blanket pillow towel brush comb bucket
        hammer ladder rope button ring necklace bracelet battery torch tent
        sleeping_bag fridge oven kettle pan pot tray vase carpet curtain cushion sofa armchair bookcase wardrobe
        cupboard drawer shelf bed bath tap toothbrush hairbrush calculator ruler rubber folder screen keyboard
        printer tablet charger cable speaker microphone helmet racket bat net whistle flag poster card coin
        calendar diary passport invitation instrument engine wheel tyre mask drum trumpet flute easel hook jar
        lantern magnet nail pump rug saw stool telescope thermometer vacuum wheelbarrow zip anchor apron axe
        broom compass crayon funnel globe hose iron jug kennel lock mat mop mug napkin oar pipe quilt remote
        sponge trolley urn veil whisk yacht album alarm arrow badge barrel bell binder
    """,
    "clothes": """
        shirt dress skirt jacket coat hat cap scarf sweater jumper suit tie belt shoe boot sock glove sandal
        blouse uniform hoodie raincoat vest cardigan bikini swimsuit tracksuit trainer slipper costume kimono mitten
        poncho robe sweatshirt turban waistcoat earring
    """,
    "readable": """
        book story letter newspaper magazine poem novel article comic email message report blog review recipe
        biography textbook leaflet
    """,
    "media": """
        film movie match programme show cartoon documentary video concert game play comedy interview
        quiz thriller musical
    """,
    "song": "song melody tune lullaby carol hymn ballad",
    "vehicle": """
        car bus taxi truck van lorry tractor motorbike scooter train boat ship plane helicopter ambulance jeep
        minibus tram ferry
    """,
    "openable": "door window box bag bottle suitcase envelope drawer cupboard jar parcel gate tin cabinet",
    "building": """
        house flat cottage hut tower castle villa palace bungalow cabin barn garage shed hotel skyscraper
    """,
    "event": """
        party meeting lesson exam test trip holiday wedding picnic conference festival competition race
        course project journey birthday ceremony exhibition
    """,
    "idea": """
        question problem idea plan dream answer mistake chance job reason secret rule word sentence exercise
        example hobby habit appointment promise suggestion choice opinion
    """,
    "room": """
        kitchen bedroom bathroom living_room dining_room office classroom hall garage garden attic basement
        balcony cellar corridor
    """,
    "place": """
        park library museum cinema theatre station airport hospital bank restaurant cafe shop
        supermarket market hotel church beach swimming_pool stadium gym zoo post_office university castle bridge
        square bookshop bakery factory farm village city_centre town_hall harbour police_station bus_stop pharmacy
        playground mountain forest lake river island port embassy gallery laboratory lighthouse monastery
        palace pub stable temple tunnel vineyard waterfall windmill campsite canteen courthouse
    """,
    "unit": "day week month year hour minute",
}

UNCOUNTABLE: dict[str, str] = {
    "foodU": """
        bread rice cheese butter meat fish chicken soup pasta sugar salt honey jam chocolate fruit yoghurt toast
        porridge ham bacon beef pork flour garlic oil spinach broccoli cereal mustard popcorn tofu salmon tuna
    """,
    "drink": "water milk tea coffee juice lemonade beer wine cola cocoa cider",
    "stuff": """
        information advice homework money luggage furniture equipment traffic news paper software clothing
        jewellery medicine help time space petrol rubbish wood evidence progress knowledge baggage shampoo soap
    """,
    "sport": """
        football tennis basketball volleyball hockey golf chess rugby baseball badminton cricket handball squash
        table_tennis softball
    """,
    "activity": """
        swimming running cycling dancing cooking reading painting singing fishing skiing gardening photography
        yoga climbing hiking camping sailing surfing knitting shopping drawing pottery karate judo ballet
    """,
    "subject": """
        history geography biology chemistry physics art music science economics literature philosophy law medicine
        psychology engineering architecture
    """,
    "music": "music jazz rock pop opera rap blues reggae",
    "abstract": """
        music art nature history politics science sport fashion education travel peace health freedom success
        technology poetry astronomy
    """,
}

INSTRUMENTS = "piano guitar violin flute drums trumpet cello saxophone clarinet harp accordion ukulele banjo trombone"

FEARS = "snakes spiders dogs heights mice ghosts storms bees sharks flying darkness thunder needles crowds water"

IRREGULAR_PLURALS: dict[str, str] = {
    "child": "children", "man": "men", "woman": "women", "policeman": "policemen", "policewoman": "policewomen",
    "fireman": "firemen", "postman": "postmen", "businessman": "businessmen", "businesswoman": "businesswomen",
    "fisherman": "fishermen", "mouse": "mice", "goose": "geese", "sheep": "sheep", "deer": "deer", "fish": "fish",
    "wife": "wives", "wolf": "wolves", "knife": "knives", "shelf": "shelves", "thief": "thieves",
    "tomato": "tomatoes", "potato": "potatoes", "hero": "heroes", "mango": "mangoes", "quiz": "quizzes",
    "photo": "photos", "piano": "pianos",
}

# Nouns and adjectives whose article does not follow from their first letter.
CONSONANT_SOUND = {"university", "uniform", "ukulele", "useful", "unique", "used", "European"}
VOWEL_SOUND = {"hour", "honest", "honour"}

# Mistakes with uncountable nouns that are never right English in another sense (`a chicken`, `a coffee` and `papers`
# are).
NEVER_PLURAL = set("""
    information advice homework money luggage furniture equipment traffic software clothing jewellery petrol rubbish
    evidence progress knowledge baggage
""".split())
NEVER_WITH_A = (NEVER_PLURAL | {"bread", "rice", "butter", "meat", "sugar", "salt", "pasta", "fruit", "toast", "ham",
                                "bacon", "beef", "pork", "flour", "garlic", "spinach", "milk"}) - {"knowledge"}
